package dev.construir.qemu.accelerator;

import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.io.IOException;
import java.time.Duration;

/** Runs a guest of a few instructions under an accelerator. */
@FunctionalInterface
public interface Trial {
    /**
     * What came of it.
     *
     * @param passed whether the guest reached its end
     * @param wall how long the whole process ran
     * @param said what happened if it did not
     */
    record Result(boolean passed, Duration wall, String said) {}

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
