package dev.construir.backend;

import dev.construir.machine.HypervisorException;

/**
 * Whether a machine uses the host's hardware virtualisation.
 *
 * @param hardware whether it does; emulation executes the guest otherwise
 * @param reason why, for {@link dev.construir.machine.MachineInfo#acceleratorReason}
 * @since 0.1
 */
public record HardwareDecision(boolean hardware, String reason) {
    /** Emulation, because the machine's specification says {@link dev.construir.machine.Preference#NEVER}. */
    public static final HardwareDecision NOT_WANTED =
            new HardwareDecision(false, "hardware virtualisation is not wanted");

    /**
     * Returns the decision for emulation after the hardware has failed a machine.
     *
     * @param name the hypervisor's name for the hardware, for example {@code kvm}
     * @param failure why the machine did not start
     * @return the decision
     */
    public static HardwareDecision afterFailure(String name, HypervisorException failure) {
        return new HardwareDecision(
                false, name + " passed its self-test, and then failed this machine: " + failure.getMessage());
    }
}
