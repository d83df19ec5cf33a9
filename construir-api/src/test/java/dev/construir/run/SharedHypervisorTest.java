package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.testing.FailingPath;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One hypervisor, one budget and one queue for many jobs. */
@Timeout(60)
class SharedHypervisorTest {
    private static final Job JOB =
            Job.script("test", "true").withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1)));
    private static final int MANY = 30;

    @TempDir
    Path directory;

    private final List<String> order = new CopyOnWriteArrayList<>();
    private final Semaphore gate = new Semaphore(0);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    private final FakeGuest noting = machine -> {
        order.add(machine.serial());
        mostAtOnce.accumulateAndGet(running.incrementAndGet(), Math::max);
        gate.acquire();
        running.decrementAndGet();
        return FakeGuest.exiting(0).run(machine);
    };

    private Runner.Builder builder(Hypervisor hypervisor, String name) throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve(name + ".img"));
        return Runner.builder(hypervisor, root).scratch(directory.resolve(name));
    }

    @Test
    void closingARunnerLeavesItsHypervisorToTheOthers() throws Exception {
        FakeHypervisor hypervisor = new FakeHypervisor(noting);
        CountDownLatch booting = new CountDownLatch(1);
        try (Runner one = builder(hypervisor, "one").build();
                Run run = one.start(JOB, event -> {
                    if (event instanceof RunEvent.Booting) {
                        booting.countDown();
                    }
                })) {
            booting.await();
            Runner other = builder(hypervisor, "other").build();
            other.close();
            other.close();
            gate.release();
            assertThat(run.await().outcome()).isEqualTo(new Outcome.Exited(0));
        }
        gate.release();
        try (Runner later = builder(hypervisor, "later").build();
                JobResult result = later.run(JOB)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
        }
    }

    @Test
    void aJobThatTheBudgetFailsLeavesItsTurnToTheNext() throws Exception {
        MachineBudget budget =
                MachineBudget.of(1, DataSize.ofGibibytes(1), 1).sharedIn(FailingPath.once(directory.resolve("budget")));
        try (Runner runner = builder(new FakeHypervisor(FakeGuest.exiting(0)), "one")
                .maxConcurrent(1)
                .budget(budget)
                .build()) {
            assertThatThrownBy(() -> runner.run(JOB)).rootCause().hasMessage("once");
            try (JobResult result = runner.run(JOB)) {
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            }
        }
    }

    @Test
    void jobsAreServedInTheOrderInWhichTheyWereStarted() throws Exception {
        try (Runner runner =
                builder(new FakeHypervisor(noting), "one").maxConcurrent(1).build()) {
            assertInOrder(List.of(runner));
        }
    }

    @Test
    void soAreThoseOfRunnersThatShareABudget() throws Exception {
        FakeHypervisor hypervisor = new FakeHypervisor(noting);
        MachineBudget budget = MachineBudget.of(1, DataSize.ofGibibytes(8), 8);
        try (Runner one = builder(hypervisor, "one").budget(budget).build();
                Runner two = builder(hypervisor, "two").budget(budget).build()) {
            assertInOrder(List.of(one, two));
        }
    }

    @Test
    void soAreThoseOfAPool() throws Exception {
        FakeHypervisor hypervisor = new FakeHypervisor(noting);
        try (Runner pool = RunnerPool.builder()
                .add("only", builder(hypervisor, "one").build(), 1)
                .build()) {
            assertInOrder(List.of(pool));
        }
    }

    private void assertInOrder(List<Runner> runners) throws Exception {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            runs.add(runners.get(i % runners.size()).start(JOB));
        }
        gate.release(MANY);
        List<String> started = new ArrayList<>();
        for (Run run : runs) {
            started.add(run.await().runId());
            run.close();
        }
        assertThat(order).isEqualTo(started);
        assertThat(mostAtOnce).hasValue(1);
    }

    @Test
    void aRunSaysWhatItWaitsForAndACancelledOneGivesItsPlaceBack() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        CountDownLatch waits = new CountDownLatch(1);
        RunListener listener = event -> {
            if (event instanceof RunEvent.Waiting waiting) {
                heard.add(waiting.forWhat());
                waits.countDown();
            }
        };
        try (Runner runner = builder(new FakeHypervisor(noting), "one")
                        .maxConcurrent(1)
                        .build();
                Run first = runner.start(JOB);
                Run second = runner.start(JOB, listener);
                Run third = runner.start(JOB)) {
            waits.await();
            second.close();
            gate.release(2);
            assertThat(first.await().outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(third.await().outcome()).isEqualTo(new Outcome.Exited(0));
        }
        assertThat(heard).containsExactly("its turn: this runner runs 1 machine at once, and earlier jobs come first");
    }

    @Test
    @SuppressWarnings("NullAway") // not every caller has it check
    void misuseIsNamed() throws Exception {
        Runner runner = builder(new FakeHypervisor(FakeGuest.exiting(0)), "one").build();
        assertThatThrownBy(() -> runner.start(null)).hasMessage("job");
        assertThatThrownBy(() -> runner.run(JOB, null)).hasMessage("listener");
        JobResult result = runner.run(JOB);
        runner.close();
        assertThatThrownBy(() -> runner.start(JOB)).hasMessage("this runner is closed; make another one");
        assertThatThrownBy(() -> runner.run(JOB)).hasMessage("this runner is closed; make another one");
        assertThatThrownBy(result::files).hasMessageContaining("removed");
        assertThat(result).hasToString("job test: exited with status 0 (" + result.runId() + ")");
    }

    @Test
    void outputIsCopiedToAStream() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Runner runner =
                        builder(new FakeHypervisor(FakeGuest.exiting(3)), "one").build();
                JobResult result = runner.run(JOB, RunListener.to(out))) {
            assertThat(out).hasToString("hello\n");
            assertThatThrownBy(result::orThrow).isInstanceOf(JobFailedException.class);
        }
    }
}
