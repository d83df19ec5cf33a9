package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.job.Limits;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.Exited;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.Signalled;
import dev.construir.run.Outcome.TimedOut;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks how jobs end: the same on every backend. The suite runs real jobs. A backend's test extends this class and
 * returns a runner. The test of a backend whose machines boot a kernel extends {@link MachineOutcomesContract}.
 *
 * <pre>{@code
 * class MyOutcomes extends OutcomesContract {
 *     @Override
 *     protected Runner runner() {
 *         return runner;
 *     }
 * }
 * }</pre>
 *
 * @since 0.1
 */
@Timeout(120)
public abstract class OutcomesContract {
    static final Limits PATIENT = Limits.DEFAULT.withTotal(Duration.ofMinutes(2));

    /** Creates the suite. */
    protected OutcomesContract() {}

    /**
     * Returns a runner of the backend, on the image {@code tiny} where its machines boot one. The suite does not close
     * it.
     *
     * @return the runner
     */
    protected abstract Runner runner();

    /**
     * Returns what the backend reports to execute instructions.
     *
     * @return the accelerator's name
     */
    protected String accelerator() {
        return "tcg";
    }

    /**
     * Returns how a job ends that kills itself by signal 9.
     *
     * @return the signal, or, of a guest that cannot report one, the status 137
     */
    protected Outcome killedBySignal9() {
        return new Signalled(9);
    }

    final Outcome run(String shell, Limits limits) throws Exception {
        try (JobResult result = runner().run(TestJobs.script(shell).withLimits(limits))) {
            return result.outcome();
        }
    }

    static String read(JobResult result, String path) throws Exception {
        try (var in = result.files().open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255})
    void exits(int code) throws Exception {
        try (JobResult result = runner().run(TestJobs.script("echo out; echo err >&2; exit " + code))) {
            assertThat(result.outcome()).isEqualTo(new Exited(code));
            assertThat(result.outcome().isSuccess()).isFalse();
            assertThat(result.output().text()).isEqualTo("out\nerr\n");
            assertThat(read(result, "/construir.log")).isEqualTo("out\nerr\n");
            assertThat(result.machine().orElseThrow().accelerator()).isEqualTo(accelerator());
        }
    }

    @Test
    void diesOfASignal() throws Exception {
        assertThat(run("kill -9 $$", PATIENT)).isEqualTo(killedBySignal9());
    }

    @Test
    void reachesTheTotalLimit() throws Exception {
        Duration limit = Duration.ofSeconds(4);
        assertThat(run("while :; do :; done", PATIENT.withTotal(limit))).isEqualTo(new TimedOut(Limit.TOTAL, limit));
    }

    @Test
    void reachesTheIdleLimit() throws Exception {
        Duration limit = Duration.ofSeconds(3);
        assertThat(run("sleep 100", PATIENT.withIdle(limit))).isEqualTo(new TimedOut(Limit.IDLE, limit));
    }

    @Test
    void reachesTheLimitOfOutput() throws Exception {
        DataSize limit = DataSize.ofMebibytes(1);
        assertThat(run("exec yes", PATIENT.withOutput(limit))).isEqualTo(new Outcome.TooMuchOutput(limit));
    }

    @Test
    void isCancelled() throws Exception {
        CountDownLatch printed = new CountDownLatch(1);
        try (Run run = runner().start(TestJobs.script("echo up; sleep 100"), event -> {
            if (event instanceof RunEvent.Output) {
                printed.countDown();
            }
        })) {
            printed.await();
            run.cancel();
            assertThat(run.await().outcome()).isEqualTo(new Outcome.Cancelled());
            assertThat(run.await().output().text()).isEqualTo("up\n");
        }
    }

    @Test
    void events_comeInOrder() throws Exception {
        List<RunEvent> events = new CopyOnWriteArrayList<>();
        try (JobResult result = runner().run(TestJobs.script("echo hi"), events::add)) {
            assertThat(result.outcome()).isEqualTo(new Exited(0));
            assertThat(result.outcome().isSuccess()).isTrue();
            assertThat(result.timings().booting()).isPositive();
            assertThat(result.timings().job()).isPositive();
        }
        assertThat(events)
                .extracting(e -> (Object) e.getClass())
                .containsExactly(
                        RunEvent.Queued.class,
                        RunEvent.Booting.class,
                        RunEvent.JobStarted.class,
                        RunEvent.Output.class,
                        RunEvent.JobEnded.class,
                        RunEvent.MachineGone.class);
    }
}
