package dev.construir.qemu.jobs;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.Preference;
import dev.construir.qemu.QemuHypervisor;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import dev.construir.testkit.TestJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runners and jobs for tests on real machines. */
final class RealMachines {
    static final Resources SMALL = TestJobs.SMALL;

    private RealMachines() {}

    static Hypervisor hypervisor(Path scratch) {
        return QemuHypervisor.builder().scratch(scratch.resolve("qemu")).build();
    }

    static Runner runner(String image, Path scratch) throws ConstruirException {
        return runner(RootImage.in(TestImages.find(image)), scratch);
    }

    static Runner runner(RootImage image, Path scratch) throws ConstruirException {
        return builder(image, scratch).build();
    }

    /** Returns a runner whose machines are resumed from memory. */
    static Runner warm(RootImage image, Path scratch) throws ConstruirException {
        return builder(image, scratch).warmStart(Preference.REQUIRE).build();
    }

    static Runner.Builder builder(RootImage image, Path scratch) {
        return Runner.builder(hypervisor(scratch), image)
                .scratch(scratch.resolve("runs"))
                .budget(MachineBudget.unlimited()) // tests beside each other do not wait for each other
                .hardwareAcceleration(Preference.NEVER);
    }

    static Runner tiny(Path scratch) throws ConstruirException {
        return runner("tiny", scratch);
    }

    static Job script(String shell) {
        return TestJobs.script(shell);
    }

    /** Returns the machines this process runs now. */
    static List<ProcessHandle> machines() {
        return ProcessHandle.current()
                .descendants()
                .filter(p -> p.info().command().orElse("").contains("qemu-system"))
                .toList();
    }

    /** Returns what is left of runs and machines in a scratch directory. */
    static List<Path> leftovers(Path scratch) throws IOException {
        try (var files = Files.walk(scratch)) {
            return files.filter(f -> f.getNameCount() >= scratch.getNameCount() + 3)
                    .filter(f -> !f.endsWith("lock") && !f.toString().contains("qemu-facts")) // a cache, meant to stay
                    .toList();
        }
    }
}
