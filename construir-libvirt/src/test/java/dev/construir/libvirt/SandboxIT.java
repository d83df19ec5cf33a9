package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.TestImages;
import dev.construir.testkit.SandboxGuestContract;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes in libvirt's domains keep what every sandbox keeps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxIT extends SandboxGuestContract {
    private LibvirtDaemon daemon;
    private Runner runner;

    @BeforeAll
    void createRunner(@TempDir Path place, @TempDir Path scratch) throws Exception {
        daemon = LibvirtDaemon.start(place);
        runner = Runner.builder(
                        LibvirtHypervisor.builder()
                                .uri(daemon.uri())
                                .scratch(scratch.resolve("l"))
                                .build(),
                        RootImage.in(TestImages.find("tiny")))
                .scratch(scratch.resolve("runs"))
                .budget(MachineBudget.unlimited())
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    @AfterAll
    void closeRunner() throws Exception {
        runner.close();
        assertThat(daemon.domains()).isEmpty();
        daemon.close();
    }

    @Override
    protected Sandbox open(SandboxOptions options) throws Exception {
        return Sandbox.open(runner, options);
    }

    @Override
    protected Duration shortLife() {
        return Duration.ofSeconds(30); // these machines boot
    }

    @Override
    protected void kill(String runId) {
        ProcessHandle machine = ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("guest=construir-" + runId))
                .findAny()
                .orElseThrow();
        assertThat(machine.destroyForcibly()).isTrue();
    }
}
