package dev.construir.qemu.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.backend.HardwareTrial;
import dev.construir.backend.ProbeCache;
import dev.construir.backend.ProbeGuest;
import dev.construir.machine.Architecture;
import dev.construir.qemu.process.Launcher;
import dev.construir.qemu.process.OrphanProtection;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.ProgramFinder;
import dev.construir.qemu.program.Programs;
import dev.construir.qemu.program.QemuProgram;
import dev.construir.scratch.Scratch;
import dev.construir.testing.HostCommand;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guest of the self-test is what its source says. */
class SelfTestIT {
    private static final Path SOURCE = Path.of("..", "src-test-images", "boot-sector", "probe.S");

    @TempDir
    Path directory;

    @Test
    void theBootSectorIsAssembledFromItsSource() throws Exception {
        Path object = directory.resolve("probe.o");
        Path sector = directory.resolve("probe.bin");
        HostCommand.run("gcc", "-c", "-o", object.toString(), SOURCE.toString());
        HostCommand.run("ld", "-Ttext", "0x7c00", "--oformat", "binary", "-o", sector.toString(), object.toString());
        try (InputStream resource = ProbeGuest.class.getResourceAsStream("probe-x86_64.bin")) {
            assertThat(resource).isNotNull();
            assertThat(resource.readAllBytes())
                    .isEqualTo(Files.readAllBytes(sector))
                    .hasSize(512);
        }
    }

    @Test
    void runsUnderEveryProtection() throws Exception {
        Launcher launcher = new Launcher();
        try (Scratch scratch = Scratch.open(directory.resolve("scratch"), leftover -> {})) {
            ProbeCache cache = new ProbeCache(directory.resolve("facts"));
            QemuProgram program = new Programs(
                            ProgramFinder.ofEnvironment(), Optional.empty(), cache, Duration.ofSeconds(30))
                    .find(Architecture.X86_64, launcher, scratch);
            OrphanProtection none = new OrphanProtection(OrphanProtection.Kind.DEATH_SIGNAL, List.of(), List.of());
            for (OrphanProtection protection : List.of(none, OrphanProtection.sentinel())) {
                HardwareTrial.Result result = new SelfTest(launcher, protection, scratch)
                        .run(program, Accelerator.TCG, Duration.ofSeconds(30));
                assertThat(result.passed())
                        .as(protection.kind() + ": " + result.detail())
                        .isTrue();
            }
        } finally {
            launcher.close();
        }
    }
}
