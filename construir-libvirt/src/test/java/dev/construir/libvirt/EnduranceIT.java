package dev.construir.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Outcome.StatusFault;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testing.TestImages;
import dev.construir.testkit.TestJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Many runs, four at once, on one connection: everything they took is given back. */
@Timeout(300)
@Isolated("it counts what the whole process holds")
class EnduranceIT {
    private static final int RUNS = Integer.getInteger("construir.runs", 20);

    @TempDir
    Path place;

    @TempDir
    Path scratch;

    /** What this process holds on its host. */
    private record Held(long files, long threads) {
        static Held now() throws IOException {
            try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
                return new Held(
                        descriptors.count(),
                        Thread.getAllStackTraces().keySet().stream()
                                .filter(thread -> thread.getName().startsWith("construir"))
                                .count());
            }
        }
    }

    @Test
    void manyRunsFourAtOnce() throws Exception {
        // machines of one boot sector, so that many take seconds: they power off without having run anything
        try (LibvirtDaemon daemon = LibvirtDaemon.start(place);
                Runner runner = Runner.builder(
                                LibvirtHypervisor.builder()
                                        .uri(daemon.uri())
                                        .scratch(scratch.resolve("l"))
                                        .build(),
                                RootImage.in(TestImages.find("boot-sector")))
                        .scratch(scratch.resolve("runs"))
                        .hardwareAcceleration(Preference.NEVER)
                        .maxConcurrent(4)
                        .build()) {
            judge(runner.start(TestJobs.script("true")));
            Held before = Held.now();
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                runs.add(runner.start(TestJobs.script("true")));
            }
            for (Run run : runs) {
                judge(run);
            }
            await().atMost(10, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(Held.now())
                            .satisfies(
                                    now -> assertThat(now.files).isLessThanOrEqualTo(before.files),
                                    now -> assertThat(now.threads).isLessThanOrEqualTo(before.threads)));
            assertThat(daemon.domains()).isEmpty();
        }
        assertThat(scratch.resolve("l")).isEmptyDirectory();
        assertThat(scratch.resolve("runs")).isEmptyDirectory();
    }

    private static void judge(Run run) throws Exception {
        try (JobResult result = run.await()) {
            assertThat(result.outcome()).isEqualTo(new NoStatus(StatusFault.MISSING));
            assertThat(result.console().text()).contains("construir: ready");
        }
    }
}
