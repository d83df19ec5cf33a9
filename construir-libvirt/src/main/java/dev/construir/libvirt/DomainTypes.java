package dev.construir.libvirt;

import dev.construir.backend.InterruptDetection;
import dev.construir.libvirt.HardwareTrial.Outcome;
import dev.construir.libvirt.HardwareTrial.Result;
import dev.construir.libvirt.domain.DomainType;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.text.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses the types of domains. Hardware is believed in only after it ran a guest about as fast as the translator does: libvirt offers it
 * wherever its device is there.
 *
 * <p>What a trial found out is remembered until libvirt, QEMU, the host or its boot changes. One that took too long is believed by no other
 * process than this. Safe for use by many threads.
 */
final class DomainTypes {
    private static final Duration REFERENCE_LIMIT = Duration.ofSeconds(30);
    private static final Duration LEAST_LIMIT = Duration.ofMillis(600);
    private static final int TIMES_THE_REFERENCE = 5;

    private final TrialCache facts;
    private final Map<String, TrialResult> known = new HashMap<>();

    DomainTypes(TrialCache facts) {
        this.facts = facts;
    }

    /** Chooses for a machine. */
    TypeChoice choose(MachineSpec spec, HardwareTrial trial) throws HypervisorException, InterruptedException {
        if (spec.hardware() == Preference.NEVER) {
            return new TypeChoice(DomainType.QEMU, "hardware virtualisation is not wanted");
        }
        TrialResult verdict = verdict(spec.architecture(), trial);
        if (verdict.works()) {
            return new TypeChoice(DomainType.KVM, verdict.reason());
        }
        if (spec.hardware() == Preference.REQUIRE) {
            throw new HypervisorException("hardware virtualisation is required, and kvm does not work: "
                    + verdict.reason() + (verdict.remedy().isEmpty() ? "" : "; " + verdict.remedy()));
        }
        return new TypeChoice(DomainType.QEMU, "kvm does not work: " + verdict.reason());
    }

    /** Finds out whether a host's hardware runs guests. */
    synchronized TrialResult verdict(Architecture guest, HardwareTrial trial) throws InterruptedException {
        LibvirtHost host = trial.host();
        if (!host.capabilities().offers(DomainType.KVM, guest)) {
            return new TrialResult(
                    false,
                    "libvirt offers no domains of type kvm for " + guest + " guests",
                    "see that /dev/kvm is there and that the user QEMU runs as may use it");
        }
        String name = factName(guest);
        TrialResult verdict = known.get(name + host.fingerprint());
        if (verdict == null) {
            Optional<TrialResult> remembered = facts.recall(name, host.fingerprint());
            verdict = remembered.isPresent() ? remembered.get() : tryOut(guest, trial, name);
            known.put(name + host.fingerprint(), verdict);
        }
        return verdict;
    }

    /** Forgets that the hardware runs guests, after it failed a machine: the next who wants it tries it anew. */
    synchronized void forget(Architecture guest) {
        known.clear();
        facts.forget(factName(guest));
    }

    private static String factName(Architecture guest) {
        return "kvm-" + guest.name().toLowerCase(Locale.ROOT);
    }

    private TrialResult tryOut(Architecture guest, HardwareTrial trial, String name) throws InterruptedException {
        try {
            Result reference = trial.run(guest, DomainType.QEMU, REFERENCE_LIMIT);
            if (reference.outcome() != Outcome.PASSED) {
                return new TrialResult(false, "its self-test does not even pass without it: " + reference.said(), "");
            }
            Result result = trial.run(guest, DomainType.KVM, limit(reference.time()));
            if (result.outcome() == Outcome.TIMED_OUT) {
                result = trial.run(guest, DomainType.KVM, limit(reference.time()));
            }
            TrialResult verdict = judge(reference, result);
            if (result.outcome() != Outcome.TIMED_OUT) {
                facts.remember(name, trial.host().fingerprint(), verdict);
            }
            return verdict;
        } catch (IOException e) {
            InterruptDetection.check(e); // it says nothing about the hardware, and must not be remembered
            return new TrialResult(false, "its self-test could not be run: " + Reason.of(e), "");
        }
    }

    private static TrialResult judge(Result reference, Result result) {
        long emulated = reference.time().toMillis();
        return result.outcome() == Outcome.PASSED
                ? new TrialResult(
                        true,
                        "its self-test passed in " + result.time().toMillis() + " ms (by emulation: " + emulated
                                + " ms)",
                        "")
                : new TrialResult(
                        false,
                        "its self-test failed, though emulation passes it in " + emulated + " ms: " + result.said(),
                        "use a host whose hardware virtualisation works, or go on without it: machines run, and several"
                                + " times slower");
    }

    private static Duration limit(Duration reference) {
        Duration limit = reference.multipliedBy(TIMES_THE_REFERENCE);
        return limit.compareTo(LEAST_LIMIT) < 0 ? LEAST_LIMIT : limit;
    }
}
