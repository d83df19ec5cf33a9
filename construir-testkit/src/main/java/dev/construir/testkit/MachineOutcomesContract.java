package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.Crash;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.NoStatus;
import dev.construir.run.Outcome.StatusFault;
import dev.construir.run.Outcome.TimedOut;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adds to {@link OutcomesContract} the ends of jobs that need a guest with its own kernel: panic, reboot, power-off,
 * the limits of boot and shutdown, and the death of the hypervisor. On a backend without kernels these jobs would end
 * the host.
 *
 * @since 0.1
 */
public abstract class MachineOutcomesContract extends OutcomesContract {
    /** Creates the suite. */
    protected MachineOutcomesContract() {}

    /**
     * Kills the hypervisor's process behind a machine of that runner.
     *
     * @param runId the run it works for
     * @throws Exception if it cannot be found
     */
    protected abstract void killHypervisor(String runId) throws Exception;

    @ParameterizedTest
    @ValueSource(strings = {"echo c > /proc/sysrq-trigger", "sleep 1; sync; echo c > /proc/sysrq-trigger"})
    void panics(String shell) throws Exception {
        assertThat(run(shell, PATIENT)).isInstanceOfSatisfying(Outcome.GuestCrashed.class, crash -> {
            assertThat(crash.how()).isEqualTo(Crash.PANIC);
            assertThat(crash.lastWords()).containsIgnoringCase("panic");
        });
    }

    @Test
    void reboots() throws Exception {
        assertThat(run("echo b > /proc/sysrq-trigger", PATIENT))
                .isInstanceOfSatisfying(
                        Outcome.GuestCrashed.class,
                        crash -> assertThat(crash.how()).isEqualTo(Crash.REBOOT));
    }

    @Test
    void powersOffBeforeTheStatusAndKeepsWhatItSynced() throws Exception {
        Job job = TestJobs.script("echo data > /job/data; sync; poweroff -f; sleep 9");
        try (JobResult result = runner().run(job)) {
            assertThat(result.outcome()).isEqualTo(new NoStatus(StatusFault.UNFINISHED));
            assertThat(read(result, "/data")).isEqualTo("data\n");
        }
    }

    @Test
    void reachesTheBootLimit() throws Exception {
        Duration limit = Duration.ofMillis(500);
        assertThat(run("true", PATIENT.withBoot(limit))).isEqualTo(new TimedOut(Limit.BOOT, limit));
    }

    @Test
    void reachesTheShutdownLimit() throws Exception {
        // the word of the end starts the clock; a job that says it itself and goes on has only itself to blame
        String lingering = "echo \"construir: ended $CONSTRUIR_RUN\" > /dev/console; sleep 100";
        Duration limit = Duration.ofSeconds(1);
        assertThat(run(lingering, PATIENT.withShutdown(limit))).isEqualTo(new TimedOut(Limit.SHUTDOWN, limit));
    }

    @Test
    void losesItsHypervisor() throws Exception {
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
}
