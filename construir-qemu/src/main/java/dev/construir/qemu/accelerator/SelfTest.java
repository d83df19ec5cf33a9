package dev.construir.qemu.accelerator;

import dev.construir.backend.HardwareTrial.Outcome;
import dev.construir.backend.HardwareTrial.Result;
import dev.construir.backend.ProbeGuest;
import dev.construir.machine.Architecture;
import dev.construir.qemu.commandline.SelfTestCommandLine;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.process.ShortProcess;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.time.Duration;

/**
 * Boots a guest that enters its processor's 64-bit mode and ends QEMU: on x86 a boot sector, on Arm a kernel of four
 * instructions.
 *
 * @param launcher starts QEMU
 * @param protection what ends QEMU with this process
 * @param scratch where the guest's disk is put
 */
public record SelfTest(Launcher launcher, OrphanProtection protection, Scratch scratch) implements AcceleratorTrial {
    private static final int LONGEST_OUTPUT = 300;

    @Override
    public Result run(QemuProgram program, Accelerator accelerator, Duration limit)
            throws IOException, InterruptedException {
        try (ScratchDirectory directory = scratch.directory("self-test")) {
            Architecture architecture = program.capabilities().architecture();
            ProbeGuest.write(architecture, directory.path().resolve(SelfTestCommandLine.IMAGE));
            ShortProcess.Result result = ShortProcess.run(
                    launcher, protection, SelfTestCommandLine.of(program, accelerator), directory.path(), limit);
            int wanted = SelfTestCommandLine.exitStatus(architecture);
            if (result.status().isEmpty()) {
                return new Result(Outcome.TIMED_OUT, result.wall(), describe(result));
            }
            return result.status().get() == wanted
                    ? new Result(Outcome.PASSED, result.wall(), "")
                    : new Result(Outcome.FAILED, result.wall(), describe(result));
        }
    }

    private static String describe(ShortProcess.Result result) {
        String output = result.output().strip().replaceAll("\\s+", " ");
        String end = output.isEmpty() ? "" : ": " + output.substring(Math.max(0, output.length() - LONGEST_OUTPUT));
        return result.status()
                        .map(status -> "QEMU ended with status " + status)
                        .orElse("a guest of a few instructions did not end within "
                                + result.wall().toMillis() + " ms")
                + end;
    }
}
