package dev.construir.backend;

import java.io.IOException;
import java.time.Duration;

/**
 * Runs a {@link ProbeGuest} once, to find out whether hardware virtualisation works.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface HardwareTrial {
    /** What executes the guest's instructions. */
    enum Execution {
        /** The hypervisor's emulation, which works everywhere. */
        EMULATION,
        /** The host's hardware virtualisation. */
        HARDWARE
    }

    /** How a trial ended. */
    enum Outcome {
        /** The guest reached its end. */
        PASSED,
        /** The machine did not start, or ended before its guest did. */
        FAILED,
        /** The guest did not reach its end in time. The host may just have been busy. */
        TIMED_OUT
    }

    /**
     * The result of a trial.
     *
     * @param outcome how it ended
     * @param time how long it took
     * @param detail what happened if it did not pass
     */
    record Result(Outcome outcome, Duration time, String detail) {
        /**
         * Returns whether the trial passed.
         *
         * @return whether the guest reached its end in time
         */
        public boolean passed() {
            return outcome == Outcome.PASSED;
        }
    }

    /**
     * Runs the guest.
     *
     * @param execution what executes the guest
     * @param limit when to give up
     * @return the result
     * @throws IOException if the machine could not be prepared
     * @throws InterruptedException if the thread was interrupted; nothing of the guest is left then
     */
    Result run(Execution execution, Duration limit) throws IOException, InterruptedException;
}
