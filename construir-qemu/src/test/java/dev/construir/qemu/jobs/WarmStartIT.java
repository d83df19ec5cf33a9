package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.image.RootImage;
import dev.construir.machine.Policy;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in machines that are resumed instead of booted. */
@Timeout(120)
class WarmStartIT {
    @TempDir
    static Path scratch;

    @Test
    void runsJobs() throws Exception {
        try (Runner runner = RealMachines.builder(RootImage.in(TestImages.find("tiny")), scratch)
                .warmStart(Policy.REQUIRE)
                .build()) {
            for (int i = 0; i < 3; i++) {
                try (JobResult result = runner.run(script("echo hello; date +%s; exit 3"))) {
                    assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
                    assertThat(result.machine().orElseThrow().warm()).isTrue();
                    assertThat(result.output().text()).startsWith("hello\n");
                }
            }
        }
    }
}
