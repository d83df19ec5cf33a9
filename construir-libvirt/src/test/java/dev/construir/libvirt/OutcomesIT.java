package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.TestImages;
import dev.construir.testkit.MachineOutcomesContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Jobs end on libvirt as they do on QEMU, and leave nothing behind. */
@Execution(ExecutionMode.CONCURRENT)
class OutcomesIT extends MachineOutcomesContract {
    @TempDir
    static Path place;

    @TempDir
    static Path scratch;

    private static LibvirtDaemon daemon;
    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        daemon = LibvirtDaemon.start(place);
        runner = Runner.builder(
                        LibvirtHypervisor.builder()
                                .uri(daemon.uri())
                                .scratch(scratch.resolve("l"))
                                .build(),
                        RootImage.in(TestImages.find("tiny")))
                .scratch(scratch.resolve("runs"))
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    @AfterAll
    static void close() throws Exception {
        assertThat(daemon.domains()).isEmpty();
        runner.close();
        daemon.close();
        assertThat(scratch.resolve("l")).isEmptyDirectory();
        assertThat(scratch.resolve("runs")).isEmptyDirectory();
    }

    @Override
    protected Runner runner() {
        return runner;
    }

    @Override
    protected void killHypervisor(String runId) {
        ProcessHandle machine = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("guest=construir-" + runId))
                .findAny()
                .orElseThrow();
        assertThat(machine.destroyForcibly()).isTrue();
    }
}
