package dev.construir.qemu.accelerator;

import dev.construir.backend.HardwareDecision;
import dev.construir.backend.HardwareTrial.Execution;
import dev.construir.backend.HardwareVerdict;
import dev.construir.backend.HardwareVerdicts;
import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.util.Locale;
import java.util.Optional;

/**
 * Chooses accelerators: the hardware where a trial has shown that it works, and QEMU's translator elsewhere. The result
 * of a trial is valid until QEMU, the device, or the host's boot changes. Safe for use by many threads.
 */
public final class Accelerators {
    private final Hardware hardware;
    private final AcceleratorTrial trial;
    private final HardwareVerdicts verdicts;

    /**
     * Creates a chooser.
     *
     * @param hardware the hardware of this host
     * @param trial tries it
     * @param verdicts remembers the results
     */
    public Accelerators(Hardware hardware, AcceleratorTrial trial, HardwareVerdicts verdicts) {
        this.hardware = hardware;
        this.trial = trial;
        this.verdicts = verdicts;
    }

    /**
     * Chooses the accelerator for a machine.
     *
     * @param program the QEMU that will run it
     * @param preference how much the hardware is wanted
     * @return the choice
     * @throws HypervisorException if the hardware is required and does not work
     * @throws InterruptedException if the thread was interrupted
     */
    public AcceleratorChoice choose(QemuProgram program, Preference preference)
            throws HypervisorException, InterruptedException {
        HardwareDecision decision = preference == Preference.NEVER
                ? HardwareDecision.NOT_WANTED
                : verdict(program).decide(preference, accelerator().qemuName());
        return new AcceleratorChoice(decision.hardware() ? accelerator() : Accelerator.TCG, decision.reason());
    }

    /**
     * Returns the accelerator that uses this host's hardware.
     *
     * @return the accelerator, whether it works or not
     */
    public Accelerator accelerator() {
        return hardware.accelerator();
    }

    /**
     * Finds out whether this host's hardware runs guests.
     *
     * @param program the QEMU that would run them
     * @return the verdict
     * @throws InterruptedException if the thread was interrupted
     */
    public HardwareVerdict verdict(QemuProgram program) throws InterruptedException {
        Optional<HardwareVerdict> obstacle =
                hardware.obstacle(program.capabilities().architecture());
        if (obstacle.isPresent()) {
            return obstacle.get();
        }
        return verdicts.of(
                name(program.capabilities().architecture()),
                key(program),
                (execution, limit) ->
                        trial.run(program, execution == Execution.HARDWARE ? accelerator() : Accelerator.TCG, limit));
    }

    /**
     * Forgets the verdict on the hardware after it failed a machine. The next machine that wants the hardware tries it
     * anew.
     *
     * @param program the QEMU that ran the machine
     */
    public void forget(QemuProgram program) {
        verdicts.forget(name(program.capabilities().architecture()));
    }

    private String name(Architecture guest) {
        return "accelerator-" + accelerator().qemuName() + "-" + guest.name().toLowerCase(Locale.ROOT);
    }

    private String key(QemuProgram program) {
        return program.fingerprint() + " " + program.capabilities().version() + " " + hardware.fingerprint();
    }
}
