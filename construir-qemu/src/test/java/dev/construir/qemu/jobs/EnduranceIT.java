package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Outcome.StatusFault;
import dev.construir.run.Run;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many runs, one after the other and at once: everything they took is given back. */
@Timeout(300)
class EnduranceIT {
    @TempDir
    Path scratch;

    @Test
    void fiftyInARow() throws Exception {
        // machines of one boot sector, so that fifty take seconds: they power off without having run anything
        try (Runner runner = RealMachines.runner("boot-sector", scratch)) {
            runOnce(runner);
            Held before = Held.now(scratch);
            for (int i = 0; i < 50; i++) {
                runOnce(runner);
            }
            await().atMost(10, TimeUnit.SECONDS).until(() -> Held.now(scratch).within(before));
        }
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
    }

    private static void runOnce(Runner runner) throws Exception {
        try (JobResult result = runner.run(script("true"), event -> {})) {
            assertThat(result.outcome()).isEqualTo(new NoStatus(StatusFault.MISSING));
            assertThat(result.console().text()).contains("construir: ready");
        }
    }

    @Test
    void fourAtOnce() throws Exception {
        try (Runner runner = RealMachines.tiny(scratch)) {
            try (JobResult first = runner.run(script("true"), event -> {})) {
                assertThat(first.outcome().isSuccess()).isTrue();
            }
            Held before = Held.now(scratch);
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                runs.add(runner.start(script("echo run " + i + "; exit " + i), RunListener.NONE));
                if (runs.size() % 4 == 0) {
                    for (Run run : runs) {
                        run.await();
                    }
                }
            }
            for (int i = 0; i < runs.size(); i++) {
                try (JobResult result = runs.get(i).await()) {
                    assertThat(result.outcome()).isEqualTo(new Outcome.Exited(i));
                    assertThat(result.output().text()).isEqualTo("run " + i + "\n");
                }
            }
            await().atMost(10, TimeUnit.SECONDS).until(() -> Held.now(scratch).within(before));
        }
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
    }

    @Test
    void aRunOutlivesTheThreadThatStartedIt() throws Exception {
        try (Runner runner = RealMachines.tiny(scratch)) {
            Run[] run = new Run[1];
            Thread starter = new Thread(() -> run[0] = runner.start(script("sleep 1; exit 8")));
            starter.start();
            starter.join();
            assertThat(run[0].await().outcome()).isEqualTo(new Outcome.Exited(8));
        }
    }
}
