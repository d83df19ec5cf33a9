package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.TimedOut;
import dev.construir.run.Runner;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every limit, each reached by a real machine. */
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
    void total() throws Exception {
        Duration limit = Duration.ofSeconds(6);
        assertThat(run(script("while :; do :; done"), PATIENT.withTotal(limit)))
                .isEqualTo(new TimedOut(Limit.TOTAL, limit));
    }

    @Test
    void boot() throws Exception {
        Duration limit = Duration.ofMillis(500);
        assertThat(run(script("true"), PATIENT.withBoot(limit))).isEqualTo(new TimedOut(Limit.BOOT, limit));
    }

    @Test
    void idle() throws Exception {
        Duration limit = Duration.ofSeconds(3);
        assertThat(run(script("sleep 100"), PATIENT.withIdle(limit))).isEqualTo(new TimedOut(Limit.IDLE, limit));
    }

    @Test
    void aSilentJobThatComputesIsNotIdle() throws Exception {
        String computing = "end=$(($(date +%s) + 8)); while [ $(date +%s) -lt $end ]; do :; done; exit 9";
        assertThat(run(script(computing), PATIENT.withIdle(Duration.ofSeconds(2))))
                .isEqualTo(new Outcome.Exited(9));
    }

    @Test
    void shutdown() throws Exception {
        // the word of the end starts the clock; a job that says it itself and goes on has only itself to blame
        String lingering = "echo \"construir: ended $CONSTRUIR_RUN\" > /dev/console; sleep 100";
        Duration limit = Duration.ofSeconds(1);
        assertThat(run(script(lingering), PATIENT.withShutdown(limit))).isEqualTo(new TimedOut(Limit.SHUTDOWN, limit));
    }

    @Test
    void output() throws Exception {
        DataSize limit = DataSize.ofMebibytes(1);
        assertThat(run(script("exec yes"), PATIENT.withOutput(limit))).isEqualTo(new Outcome.TooMuchOutput(limit));
    }
}
