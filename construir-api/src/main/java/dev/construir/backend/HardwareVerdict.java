package dev.construir.backend;

import dev.construir.machine.HypervisorException;
import dev.construir.machine.Preference;

/**
 * Whether a host's hardware virtualisation can run a guest.
 *
 * @param works whether it was seen to work
 * @param reason what was tried and what came back
 * @param remedy how to make it work; empty if it works or nothing helps
 * @since 0.1
 */
public record HardwareVerdict(boolean works, String reason, String remedy) {
    /**
     * Returns a verdict against the hardware.
     *
     * @param reason what was tried and what came back
     * @param remedy how to make it work; empty if nothing helps
     * @return the verdict
     */
    public static HardwareVerdict against(String reason, String remedy) {
        return new HardwareVerdict(false, reason, remedy);
    }

    /**
     * Decides whether a machine uses the hardware.
     *
     * @param preference {@link Preference#PREFER} or {@link Preference#REQUIRE}
     * @param name the hypervisor's name for the hardware, for example {@code kvm}
     * @return the decision
     * @throws HypervisorException if the hardware is required and does not work
     */
    public HardwareDecision decide(Preference preference, String name) throws HypervisorException {
        if (works) {
            return new HardwareDecision(true, reason);
        }
        String failure = name + " does not work: " + reason;
        if (preference == Preference.REQUIRE) {
            throw new HypervisorException(
                    "hardware virtualisation is required, and " + failure + (remedy.isEmpty() ? "" : "; " + remedy));
        }
        return new HardwareDecision(false, failure);
    }
}
