package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.Crash;
import dev.construir.run.Outcome.Exited;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Outcome.Signalled;
import dev.construir.run.Outcome.StatusFault;
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
 * How jobs end, which is the same whatever backend runs their machines, tried with real ones. A backend's test extends this class and
 * says what runs the jobs.
 */
@Timeout(120)
public abstract class OutcomesContract {
    private static final Limits PATIENT = Limits.DEFAULT.withTotal(Duration.ofMinutes(2));

    /** Creates the suite. */
    protected OutcomesContract() {}

    /**
     * Returns a runner of the backend whose machines boot the image {@code tiny}. It is closed by whoever made it.
     *
     * @return the runner
     */
    protected abstract Runner runner();

    /**
     * Kills the hypervisor's process behind a machine of that runner.
     *
     * @param runId the run it works for
     * @throws Exception if it cannot be found
     */
    protected abstract void killHypervisor(String runId) throws Exception;

    /**
     * Returns whether the machines boot a kernel of their own. Where they do not, jobs that end the system are not run:
     * they would end the host.
     *
     * @return whether they do
     */
    protected boolean bootsAKernel() {
        return true;
    }

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
     * @return the signal, or, of a guest that cannot tell one, the status 137
     */
    protected Outcome killedBySignal9() {
        return new Signalled(9);
    }

    private void assumeKernel() {
        assumeTrue(bootsAKernel(), "the machines have no kernel of their own");
    }

    private Outcome run(String shell, Limits limits) throws Exception {
        try (JobResult result = runner().run(TestJobs.script(shell).withLimits(limits))) {
            return result.outcome();
        }
    }

    private static String read(JobResult result, String path) throws Exception {
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

    @ParameterizedTest
    @ValueSource(strings = {"echo c > /proc/sysrq-trigger", "sleep 1; sync; echo c > /proc/sysrq-trigger"})
    void panics(String shell) throws Exception {
        assumeKernel();
        assertThat(run(shell, PATIENT)).isInstanceOfSatisfying(Outcome.GuestCrashed.class, crash -> {
            assertThat(crash.how()).isEqualTo(Crash.PANIC);
            assertThat(crash.lastWords()).containsIgnoringCase("panic");
        });
    }

    @Test
    void reboots() throws Exception {
        assumeKernel();
        assertThat(run("echo b > /proc/sysrq-trigger", PATIENT))
                .isInstanceOfSatisfying(
                        Outcome.GuestCrashed.class,
                        crash -> assertThat(crash.how()).isEqualTo(Crash.REBOOT));
    }

    @Test
    void powersOffBeforeTheStatusAndKeepsWhatItSynced() throws Exception {
        assumeKernel();
        Job job = TestJobs.script("echo data > /job/data; sync; poweroff -f; sleep 9");
        try (JobResult result = runner().run(job)) {
            assertThat(result.outcome()).isEqualTo(new NoStatus(StatusFault.UNFINISHED));
            assertThat(read(result, "/data")).isEqualTo("data\n");
        }
    }

    @Test
    void reachesTheTotalLimit() throws Exception {
        Duration limit = Duration.ofSeconds(4);
        assertThat(run("while :; do :; done", PATIENT.withTotal(limit))).isEqualTo(new TimedOut(Limit.TOTAL, limit));
    }

    @Test
    void reachesTheBootLimit() throws Exception {
        assumeKernel();
        Duration limit = Duration.ofMillis(500);
        assertThat(run("true", PATIENT.withBoot(limit))).isEqualTo(new TimedOut(Limit.BOOT, limit));
    }

    @Test
    void reachesTheIdleLimit() throws Exception {
        Duration limit = Duration.ofSeconds(3);
        assertThat(run("sleep 100", PATIENT.withIdle(limit))).isEqualTo(new TimedOut(Limit.IDLE, limit));
    }

    @Test
    void reachesTheShutdownLimit() throws Exception {
        assumeKernel();
        // the word of the end starts the clock; a job that says it itself and goes on has only itself to blame
        String lingering = "echo \"construir: ended $CONSTRUIR_RUN\" > /dev/console; sleep 100";
        Duration limit = Duration.ofSeconds(1);
        assertThat(run(lingering, PATIENT.withShutdown(limit))).isEqualTo(new TimedOut(Limit.SHUTDOWN, limit));
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
    void losesItsHypervisor() throws Exception {
        assumeKernel();
        List<RunEvent> events = new CopyOnWriteArrayList<>();
        CountDownLatch printed = new CountDownLatch(1);
        try (Run run = runner().start(TestJobs.script("echo up; sleep 60"), event -> {
            events.add(event);
            if (event instanceof RunEvent.Output) {
                printed.countDown();
            }
        })) {
            printed.await();
            killHypervisor(((RunEvent.Queued) events.get(0)).runId());
            assertThat(run.await().outcome()).isInstanceOf(Outcome.HypervisorDied.class);
        }
        assertThat(events.get(events.size() - 1)).isInstanceOf(RunEvent.MachineGone.class);
    }

    @Test
    void tellsItsStoryInOrder() throws Exception {
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
