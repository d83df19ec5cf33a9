package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.WarmMachine;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WarmPoolTest {
    private static final Resources SMALL = Resources.DEFAULT.withDisk(DataSize.ofMebibytes(1));
    private static final Job JOB = Job.script("test", "true").withResources(SMALL);

    @TempDir
    Path temp;

    private final Preparing hypervisor = new Preparing();
    private Path scratch;
    private Runner.Builder builder;

    @BeforeEach
    void builder() throws IOException {
        scratch = temp.resolve("scratch");
        RootImage root = FakeHypervisor.image(temp.resolve("root.img"));
        builder = Runner.builder(hypervisor, root).scratch(scratch);
    }

    @Test
    void aRunTakesOneAndAnotherTakesItsPlace() throws Exception {
        List<String> runs = new ArrayList<>();
        try (Runner runner = builder.warmPool(2, SMALL).build()) {
            for (int i = 1; i <= 3; i++) {
                await().until(() -> hypervisor.waiting.size() == 2);
                try (JobResult result = runner.run(JOB)) {
                    assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
                    runs.add("construir-" + result.runId());
                }
                int prepared = i + 2;
                await().until(() -> hypervisor.prepared.get() == prepared);
            }
            assertThat(hypervisor.booted).isEmpty();
            assertThat(hypervisor.resumed).containsExactlyElementsOf(runs);
        }
        assertThat(hypervisor.waiting).isEmpty();
        assertThat(entries()).isZero();
    }

    @Test
    void jobsThatWantOtherMachinesGetThem() throws Exception {
        try (Runner runner = builder.warmPool(1, SMALL).build()) {
            await().until(() -> hypervisor.waiting.size() == 1);
            runner.run(JOB.withResources(SMALL.withCpus(2))).close();
            assertThat(hypervisor.booted).hasSize(1);
            assertThat(hypervisor.waiting).hasSize(1);
        }
    }

    @Test
    void oneThatIsNotThereAnyMoreIsReplacedForItsRun() throws Exception {
        hypervisor.broken = true;
        try (Runner runner = builder.warmPool(1, SMALL).build()) {
            await().until(() -> hypervisor.waiting.size() == 1);
            try (JobResult result = runner.run(JOB)) {
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
                assertThat(hypervisor.booted).containsExactly("construir-" + result.runId());
            }
        }
        assertThat(entries()).isZero();
    }

    @Test
    void whereNoneCanBeMadeMachinesAreStartedAsUsual() throws Exception {
        hypervisor.failing = true;
        try (Runner runner = builder.warmPool(1, SMALL).build()) {
            await().until(() -> hypervisor.prepared.get() == 1);
            runner.run(JOB).close();
            await().until(() -> hypervisor.prepared.get() == 2); // no more often than there are runs
            runner.run(JOB).close();
        }
        assertThat(hypervisor.prepared).hasValueLessThanOrEqualTo(3);
        assertThat(hypervisor.booted).hasSize(2);
        assertThat(entries()).isZero();
    }

    @Test
    void aJobWithoutADiskGivesItsMachineUp() throws Exception {
        Job bad = Job.of("bad", disk -> {
                    throw new IOException("no disk today");
                })
                .withResources(SMALL);
        try (Runner runner = builder.warmPool(1, SMALL).build()) {
            await().until(() -> hypervisor.waiting.size() == 1);
            assertThatThrownBy(() -> runner.run(bad)).hasMessageContaining("no disk today");
            await().until(() -> hypervisor.prepared.get() == 2);
        }
        assertThat(hypervisor.waiting).isEmpty();
        assertThat(entries()).isZero();
    }

    /** Returns a job that fits no machine of the pool, and whose disk is not ready until the end. */
    private static Job slow(CountDownLatch begun, CountDownLatch end) {
        return Job.of("slow", disk -> {
                    begun.countDown();
                    Uninterrupted.run(end::await);
                    throw new IOException("enough");
                })
                .withResources(SMALL.withCpus(2));
    }

    @Test
    void whileARunWaitsForItsTurnItsMachineIsNotReplacedAndACancelledOneLeavesNothing() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Job slow = slow(begun, end);
        try (Runner runner = builder.maxConcurrent(1).warmPool(1, SMALL).build()) {
            await().until(() -> hypervisor.waiting.size() == 1);
            Run first = runner.start(slow);
            begun.await();
            Run second = runner.start(JOB);
            Run third = runner.start(JOB);
            await().during(Duration.ofMillis(300)).until(() -> hypervisor.prepared.get() == 1);
            assertThat(entries()).isEqualTo(2); // of the first run, and of the machine that is ready
            second.close();
            third.close();
            await().until(() -> hypervisor.prepared.get() == 2 && entries() == 2);
            end.countDown();
            first.close();
        }
        assertThat(hypervisor.waiting).isEmpty();
        assertThat(entries()).isZero();
    }

    @Test
    void oneThatCannotBeEndedLeavesTheTurnToTheNext() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Job slow = slow(begun, end);
        try (Runner runner = builder.maxConcurrent(1).warmPool(1, SMALL).build()) {
            await().until(() -> hypervisor.waiting.size() == 1);
            Run first = runner.start(slow);
            begun.await();
            hypervisor.unending = true;
            Run second = runner.start(JOB);
            second.cancel();
            assertThat(second.await().outcome()).isEqualTo(new Outcome.Cancelled());
            hypervisor.unending = false;
            end.countDown();
            first.close();
            runner.run(JOB).close();
        } finally {
            end.countDown();
        }
        assertThat(entries()).isZero();
    }

    @Test
    void aRunnerThatCannotBeBuiltLeavesNothing() throws Exception {
        builder.warmPool(1, SMALL).threadFactory(task -> {
            throw new IllegalStateException("no threads today");
        });
        assertThatThrownBy(builder::build).hasMessage("no threads today");
        assertThat(hypervisor.users).hasValue(0);
        try (var left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        }
    }

    private long entries() throws IOException {
        try (var files = Files.walk(scratch)) {
            return files.filter(file -> file.getFileName().toString().startsWith("job-"))
                    .count();
        }
    }

    /** Keeps machines ready that come to life when they are started. */
    private static final class Preparing implements Hypervisor {
        private final FakeHypervisor fake = new FakeHypervisor(FakeGuest.exiting(0));
        private final Set<String> waiting = ConcurrentHashMap.newKeySet();
        private final List<String> booted = new ArrayList<>();
        private final List<String> resumed = new ArrayList<>();
        private final AtomicInteger prepared = new AtomicInteger();
        private volatile boolean broken;
        private volatile boolean failing;
        private volatile boolean unending;
        private final AtomicInteger users = new AtomicInteger();

        @Override
        public Use use() {
            users.incrementAndGet();
            return users::decrementAndGet;
        }

        @Override
        public String name() {
            return fake.name();
        }

        @Override
        public Diagnosis diagnose() {
            return fake.diagnose();
        }

        @Override
        public Machine start(MachineSpec spec, MachineListener listener)
                throws HypervisorException, InterruptedException {
            booted.add(spec.name());
            return fake.start(spec, listener);
        }

        @Override
        public Optional<WarmMachine> prepare(MachineSpec spec) throws HypervisorException {
            prepared.incrementAndGet();
            if (failing) {
                throw new HypervisorException("no machine today");
            }
            assertThat(spec.disks().get(1).file()).doesNotExist();
            waiting.add(spec.name());
            return Optional.of(new WarmMachine() {
                @Override
                public Machine start(MachineListener listener) throws HypervisorException, InterruptedException {
                    waiting.remove(spec.name());
                    if (broken) {
                        throw new HypervisorException("it is gone");
                    }
                    resumed.add(spec.name());
                    return fake.start(spec, listener);
                }

                @Override
                public void close() {
                    waiting.remove(spec.name());
                    if (unending) {
                        throw new IllegalStateException("it does not end");
                    }
                }
            });
        }

        @Override
        public void close() {
            fake.close();
        }
    }
}
