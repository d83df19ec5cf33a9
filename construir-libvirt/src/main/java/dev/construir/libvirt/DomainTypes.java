package dev.construir.libvirt;

import dev.construir.backend.HardwareDecision;
import dev.construir.backend.HardwareTrial.Execution;
import dev.construir.backend.HardwareVerdict;
import dev.construir.backend.HardwareVerdicts;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import java.util.Locale;

/**
 * Chooses the types of domains. Hardware is used only after a trial has shown that it works, as libvirt offers it
 * wherever its device is there. The result of a trial is valid until libvirt, QEMU, the host or its boot changes. Safe
 * for use by many threads.
 *
 * @param verdicts remembers the results of trials
 */
record DomainTypes(HardwareVerdicts verdicts) {
    /** Chooses the type for a machine. */
    TypeChoice choose(MachineSpec spec, DomainTypeTrial trial) throws HypervisorException, InterruptedException {
        HardwareDecision decision = spec.hardware() == Preference.NEVER
                ? HardwareDecision.NOT_WANTED
                : verdict(spec.architecture(), trial).decide(spec.hardware(), DomainType.KVM.accelerator());
        return new TypeChoice(decision.hardware() ? DomainType.KVM : DomainType.QEMU, decision.reason());
    }

    /** Finds out whether a host's hardware runs guests. */
    HardwareVerdict verdict(Architecture guest, DomainTypeTrial trial) throws InterruptedException {
        LibvirtHost host = trial.host();
        if (!host.capabilities().offers(DomainType.KVM, guest)) {
            return HardwareVerdict.against(
                    "libvirt offers no domains of type kvm for " + guest + " guests",
                    "see that /dev/kvm is there and that the user QEMU runs as may use it");
        }
        return verdicts.of(
                name(guest),
                host.fingerprint(),
                (execution, limit) ->
                        trial.run(guest, execution == Execution.HARDWARE ? DomainType.KVM : DomainType.QEMU, limit));
    }

    /**
     * Forgets the verdict on the hardware after it failed a machine. The next machine that wants the hardware tries it
     * anew.
     */
    void forget(Architecture guest) {
        verdicts.forget(name(guest));
    }

    private static String name(Architecture guest) {
        return "kvm-" + guest.name().toLowerCase(Locale.ROOT);
    }
}
