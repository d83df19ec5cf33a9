package dev.construir.qemu.accelerator;

import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.io.IOException;
import java.time.Duration;

/** Runs a guest of a few instructions under an accelerator. */
@FunctionalInterface
public interface Trial {
    /** How it ended. */
    enum Outcome {
        /** The guest reached its end. */
        PASSED,
        /** QEMU ended without it. */
        FAILED,
        /** The guest did not reach its end in time: the host may just have been busy. */
        TIMED_OUT
    }

    /**
     * What came of it.
     *
     * @param outcome how it ended
     * @param wall how long the whole process ran
     * @param said what happened if it did not pass
     */
    record Result(Outcome outcome, Duration wall, String said) {
        /**
         * Tells whether it passed.
         *
         * @return whether the guest reached its end
         */
        public boolean passed() {
            return outcome == Outcome.PASSED;
        }
    }

    /**
     * Runs the guest.
     *
     * @param program QEMU
     * @param accelerator the accelerator
     * @param limit when to give up
     * @return what came of it
     * @throws IOException if QEMU could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the guest is left then
     */
    Result run(QemuProgram program, Accelerator accelerator, Duration limit) throws IOException, InterruptedException;
}
