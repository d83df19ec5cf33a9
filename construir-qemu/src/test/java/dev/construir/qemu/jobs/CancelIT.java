package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancel and interrupt in every phase of a real run. */
@Timeout(120)
class CancelIT {
    @TempDir
    Path scratch;

    private Runner runner;

    @BeforeEach
    void open() throws Exception {
        runner = RealMachines.tiny(scratch);
    }

    @AfterEach
    void close() throws Exception {
        runner.close();
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
        assertThat(RealMachines.machines()).isEmpty();
    }

    @Test
    void beforeTheRun() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> runner.run(script("true"))).isInstanceOf(InterruptedException.class);
    }

    @Test
    void whileTheDiskIsMade() throws Exception {
        CountDownLatch making = new CountDownLatch(1);
        Job slow = Job.of("slow", disk -> {
            making.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new java.io.InterruptedIOException("interrupted");
            }
        });
        try (Run run = runner.start(slow)) {
            making.await();
            assertThat(run.cancel()).isTrue();
            assertThat(run.await().outcome()).isEqualTo(new Outcome.Cancelled());
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                RunEvent.Queued.class,
                RunEvent.Booting.class,
                RunEvent.JobStarted.class,
                RunEvent.Output.class,
                RunEvent.JobEnded.class
            })
    void onAnEvent(Class<? extends RunEvent> phase) throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        // at the end the job has the machine shut down, which may win the race: its own status is the truth then
        String shell = phase == RunEvent.JobEnded.class ? "echo up" : "echo up; sleep 100";
        try (Run run = runner.start(script(shell), event -> {
            if (phase.isInstance(event)) {
                reached.countDown();
            }
        })) {
            reached.await();
            run.cancel();
            JobResult result = run.await();
            if (phase == RunEvent.JobEnded.class) {
                assertThat(result.outcome()).isIn(new Outcome.Cancelled(), new Outcome.Exited(0));
            } else {
                assertThat(result.outcome()).isEqualTo(new Outcome.Cancelled());
            }
        }
    }

    @Test
    void aCancelledResultStillTellsWhatWasPrinted() throws Exception {
        Thread tester = Thread.currentThread();
        try (JobResult result = runner.run(script("echo so far; sleep 100"), event -> {
            if (event instanceof RunEvent.Output) {
                tester.interrupt();
            }
        })) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Cancelled());
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(result.output().text()).isEqualTo("so far\n");
            // reading the disk is not disturbed by the interrupt status
            try (var in = result.files().open("/bin/construir")) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("so far");
            }
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void byClosingTheRunner() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        Run run = runner.start(script("echo up; sleep 100"), event -> {
            if (event instanceof RunEvent.Output) {
                started.countDown();
            }
        });
        started.await();
        runner.close();
        assertThat(run.await().outcome()).isEqualTo(new Outcome.Cancelled());
    }
}
