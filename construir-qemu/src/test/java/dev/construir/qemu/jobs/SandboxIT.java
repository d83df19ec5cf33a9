package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.testing.TestImages;
import dev.construir.testkit.SandboxGuestContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes in QEMU, resumed from memory, keep what every sandbox keeps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxIT extends SandboxGuestContract {
    private Runner runner;

    @BeforeAll
    void createRunner(@TempDir Path place) throws Exception {
        runner = RealMachines.warm(RootImage.in(TestImages.find("tiny")), place);
    }

    @AfterAll
    void closeRunner() {
        runner.close();
        assertThat(RealMachines.machines()).isEmpty();
    }

    @Override
    protected Sandbox open(SandboxOptions options) throws Exception {
        return Sandbox.open(runner, options);
    }

    @Override
    protected void kill(String runId) {
        ProcessHandle machine = RealMachines.machines().stream()
                .filter(process -> process.info().commandLine().orElse("").contains(runId))
                .findAny()
                .orElseThrow();
        assertThat(machine.destroyForcibly()).isTrue();
    }
}
