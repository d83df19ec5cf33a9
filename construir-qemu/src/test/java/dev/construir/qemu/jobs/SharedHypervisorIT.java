package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.image.RootImage;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** One QEMU hypervisor for several runners, closed by nobody. Counts threads, and so runs alone. */
@Isolated
@Timeout(300)
class SharedHypervisorIT {
    @TempDir
    Path scratch;

    @Test
    void servesTwoImagesAndHoldsNothingOnceNoRunnerIsOpen() throws Exception {
        Set<Thread> before = threads();
        Hypervisor hypervisor = RealMachines.hypervisor(scratch);
        for (int again = 0; again < 2; again++) {
            CountDownLatch started = new CountDownLatch(1);
            try (Runner one = runner(hypervisor, "one");
                    Run run = one.start(script("echo one; sleep 2"), event -> {
                        if (event instanceof RunEvent.JobStarted) {
                            started.countDown();
                        }
                    })) {
                started.await();
                try (Runner other = runner(hypervisor, "other");
                        JobResult result = other.run(script("echo other"))) {
                    assertThat(result.output().text()).isEqualTo("other\n");
                }
                JobResult result = run.await();
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
                assertThat(result.output().text()).isEqualTo("one\n");
            }
            assertThat(RealMachines.machines()).isEmpty();
            assertThat(RealMachines.leftovers(scratch)).isEmpty();
            await().untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
        }
    }

    private Runner runner(Hypervisor hypervisor, String name) throws Exception {
        return Runner.builder(hypervisor, RootImage.in(TestImages.find("tiny")))
                .scratch(scratch.resolve(name))
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("construir-"))
                .collect(Collectors.toSet());
    }
}
