package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunAllTest {
    private static final Job PASSING = Job.script("pass", "true");
    private static final Job FAILING = Job.script("fail", "exit 3");
    private static final Job ODD = Job.script("odd", "");

    @TempDir
    Path directory;

    private final Runner runner = (job, listener) -> {
        if (job == ODD) {
            throw new ConstruirException("no machine for odd");
        }
        return JobResult.of(job, new Outcome.Exited(job == FAILING ? 3 : 0));
    };

    private Runner machines(FakeGuest guest) throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
        return Runner.builder(new FakeHypervisor(guest), root)
                .scratch(directory.resolve("scratch"))
                .build();
    }

    @Test
    void summary_hasAnEntryForEachJob() throws Exception {
        try (RunSummary summary = runner.runAll(List.of(PASSING, FAILING, ODD))) {
            assertThat(summary.isSuccess()).isFalse();
            assertThat(summary.entries()).extracting(RunSummary.Entry::job).containsExactly(PASSING, FAILING, ODD);
            assertThat(summary.entries())
                    .extracting(RunSummary.Entry::isSuccess)
                    .containsExactly(true, false, false);
            assertThat(summary.results()).extracting(JobResult::job).containsExactly(PASSING, FAILING);
            assertThat(summary.describe())
                    .isEqualTo(
                            "3 jobs: 1 succeeded, 2 failed\n  fail: exited with status 3\n  odd: no machine for odd");
            assertThat(summary).hasToString("3 jobs: 1 succeeded, 2 failed");
            assertThatThrownBy(summary::orThrow)
                    .isInstanceOf(ConstruirException.class)
                    .hasMessage(summary.describe())
                    .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
        }
        try (RunSummary summary = runner.runAll(List.of(PASSING)).orThrow()) {
            assertThat(summary.describe()).isEqualTo("1 job: 1 succeeded, 0 failed");
        }
    }

    @Test
    void oneListener_servesAllRuns_andResultsAreClosedWithTheSummary() throws Exception {
        List<Job> jobs = IntStream.range(0, 5)
                .mapToObj(i -> Job.script("job " + i, "true"))
                .toList();
        Set<Job> heard = ConcurrentHashMap.newKeySet();
        try (Runner machines = machines(FakeGuest.exiting(0))) {
            RunSummary summary = machines.runAll(jobs, event -> heard.add(event.job()));
            assertThat(summary.isSuccess()).isTrue();
            assertThat(heard).containsExactlyInAnyOrderElementsOf(jobs);
            Path disk = summary.results().get(4).diskFile().orElseThrow();
            summary.close();
            assertThat(disk).doesNotExist();
        }
    }

    @Test
    void interrupt_cancelsAllRuns() throws Exception {
        CountDownLatch running = new CountDownLatch(3);
        AtomicInteger ended = new AtomicInteger();
        Thread caller = Thread.currentThread();
        FakeGuest hanging = machine -> {
            running.countDown();
            if (running.getCount() == 0) {
                caller.interrupt();
            }
            try {
                return machine.hang();
            } finally {
                ended.incrementAndGet();
            }
        };
        try (Runner machines = machines(hanging)) {
            assertThatThrownBy(() -> machines.runAll(List.of(PASSING, FAILING, ODD)))
                    .isInstanceOf(InterruptedException.class);
            assertThat(ended).hasValue(3);
        }
        assertThat(directory.resolve("scratch")).isEmptyDirectory();
    }

    @Test
    void closedRunner_refusesAll() throws Exception {
        Runner machines = machines(FakeGuest.exiting(0));
        machines.close();
        assertThatIllegalStateException().isThrownBy(() -> machines.runAll(List.of(PASSING)));
    }
}
