package dev.construir.qemu.accelerator;

import dev.construir.backend.HardwareTrial.Result;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.io.IOException;
import java.time.Duration;

/** Runs a guest of a few instructions under an accelerator. */
@FunctionalInterface
public interface AcceleratorTrial {
    /**
     * Runs the guest.
     *
     * @param program QEMU
     * @param accelerator the accelerator
     * @param limit when to give up
     * @return the result, with the time for which the whole process ran
     * @throws IOException if QEMU could not be started
     * @throws InterruptedException if the thread was interrupted; nothing of the guest is left then
     */
    Result run(QemuProgram program, Accelerator accelerator, Duration limit) throws IOException, InterruptedException;
}
