package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What limits spare; what they end is in {@link OutcomesIT}. */
@Timeout(120)
class LimitsIT {
    private static final Limits PATIENT = Limits.DEFAULT.withTotal(Duration.ofMinutes(2));

    @TempDir
    static Path scratch;

    private static Runner runner;

    @BeforeAll
    static void open() throws Exception {
        runner = RealMachines.tiny(scratch);
    }

    @AfterAll
    static void close() throws Exception {
        runner.close();
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
        assertThat(RealMachines.machines()).isEmpty();
    }

    private static Outcome run(Job job, Limits limits) throws Exception {
        try (JobResult result = runner.run(job.withLimits(limits))) {
            return result.outcome();
        }
    }

    @Test
    void aSilentJobThatComputesIsNotIdle() throws Exception {
        String computing = "end=$(($(date +%s) + 8)); while [ $(date +%s) -lt $end ]; do :; done; exit 9";
        assertThat(run(script(computing), PATIENT.withIdle(Duration.ofSeconds(2))))
                .isEqualTo(new Outcome.Exited(9));
    }

    /** Runs a job whose QEMU is stopped when the job has started. */
    private static JobResult runStopped(Limits limits) throws Exception {
        return runner.run(script("exec sleep 600").withLimits(limits), event -> {
            if (event instanceof RunEvent.JobStarted) {
                stopMachines();
            }
        });
    }

    private static void stopMachines() {
        List<ProcessHandle> machines = RealMachines.machines();
        assertThat(machines).hasSize(1);
        try {
            assertThat(new ProcessBuilder(
                                    "sh", "-c", "kill -STOP " + machines.get(0).pid())
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aQemuThatIsStoppedReachesItsLimits() throws Exception {
        try (JobResult result = runStopped(PATIENT.withIdle(Duration.ofSeconds(2)))) {
            assertThat(result.outcome()).isEqualTo(new Outcome.TimedOut(Outcome.Limit.IDLE, Duration.ofSeconds(2)));
        }
        Limits total = PATIENT.withIdle(Limits.UNLIMITED).withTotal(Duration.ofSeconds(10));
        try (JobResult result = runStopped(total)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.TimedOut(Outcome.Limit.TOTAL, Duration.ofSeconds(10)));
        }
    }
}
