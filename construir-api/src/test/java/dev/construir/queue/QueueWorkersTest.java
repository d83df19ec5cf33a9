package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.MachineExit;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers on queues that are not directories. */
@Timeout(60)
class QueueWorkersTest {
    @TempDir
    Path top;

    private Runner runner(FakeGuest guest) throws Exception {
        RootImage root = FakeHypervisor.image(top.resolve("root.img"));
        return Runner.builder(new FakeHypervisor(guest), root)
                .scratch(top.resolve("scratch"))
                .build();
    }

    @Test
    void aQueueThatThrowsWhateverIsAskedAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        JobQueue queue = new JobQueue() {
            @Override
            public Optional<Claim> claim(Duration wait) {
                if (asked.incrementAndGet() == 1) {
                    throw new IllegalStateException("on purpose");
                }
                return Optional.empty();
            }

            @Override
            public void close() {}
        };
        try (Runner runner = runner(FakeGuest.exiting(0));
                QueueWorkers workers = QueueWorkers.on(queue, runner).start()) {
            await().until(() -> asked.get() > 1);
            workers.drain();
            assertThat(workers.await(Duration.ofSeconds(Long.MAX_VALUE))).isTrue();
        }
    }

    /** A claim that the queue takes away while its job runs. */
    private static final class LostClaim implements Claim {
        private final AtomicInteger renewals = new AtomicInteger();
        private final AtomicInteger givenBack = new AtomicInteger();

        @Override
        public String name() {
            return "lost";
        }

        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public Job job() {
            return Job.script("lost", "sleep 1000").withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(4)));
        }

        @Override
        public Directive renew() throws IOException {
            return switch (renewals.incrementAndGet()) {
                case 1 -> throw new IOException("out of reach, on purpose");
                case 2 -> Directive.CONTINUE;
                default -> Directive.CANCEL;
            };
        }

        @Override
        public void complete(JobResult result) {
            throw new AssertionError("it was not to come to its end: " + result.outcome());
        }

        @Override
        public void fail(String why) {
            throw new AssertionError(why);
        }

        @Override
        public void reject(String why) {
            throw new AssertionError(why);
        }

        @Override
        public void giveBack() {
            givenBack.incrementAndGet();
        }

        @Override
        public void close() {}
    }

    @Test
    void aClaimIsRenewedWhileItsJobRunsUntilTheQueueWantsItNoMore() throws Exception {
        LostClaim claim = new LostClaim();
        AtomicInteger asked = new AtomicInteger();
        JobQueue queue = new JobQueue() {
            @Override
            public Optional<Claim> claim(Duration wait) {
                return asked.incrementAndGet() == 1 ? Optional.of(claim) : Optional.empty();
            }

            @Override
            public void close() {}
        };
        FakeGuest endless = machine -> {
            new CountDownLatch(1).await();
            return new MachineExit.PoweredOff();
        };
        try (Runner runner = runner(endless);
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .renewal(Duration.ofMillis(10))
                        .start()) {
            await().until(() -> asked.get() > 1); // the worker survives it
            assertThat(claim.givenBack).hasValue(1);
            assertThat(claim.renewals).hasValue(3);
            workers.drain();
            assertThat(workers.await(Duration.ofSeconds(20))).isTrue();
        }
    }

    /** A claim whose result takes as long to store as a test wants. */
    private record SlowClaim(String name, CountDownLatch stored) implements Claim {
        @Override
        public int attempt() {
            return 1;
        }

        @Override
        public Job job() {
            return Job.script(name, "true").withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(4)));
        }

        @Override
        public Directive renew() {
            return Directive.CONTINUE;
        }

        @Override
        public void complete(JobResult result) throws InterruptedException {
            stored.await();
        }

        @Override
        public void fail(String why) {
            throw new AssertionError(why);
        }

        @Override
        public void reject(String why) {
            throw new AssertionError(why);
        }

        @Override
        public void giveBack() {}

        @Override
        public void close() {}
    }

    @Test
    void theNextJobsRunWhileResultsAreStoredButNoMoreAtATimeThanMay() throws Exception {
        int jobs = 3;
        CountDownLatch stored = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(jobs);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger claimed = new AtomicInteger();
        AtomicInteger started = new AtomicInteger();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        JobQueue queue = new JobQueue() {
            @Override
            public Optional<Claim> claim(Duration wait) {
                return Optional.of(new SlowClaim("job" + claimed.incrementAndGet(), stored));
            }

            @Override
            public void close() {}
        };
        FakeGuest guest = machine -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            if (started.incrementAndGet() > jobs) { // the first jobs have results, none of them stored yet
                second.countDown();
                goOn.await();
            }
            MachineExit exit = FakeGuest.exiting(0).run(machine);
            running.decrementAndGet();
            return exit;
        };
        try (Runner runner = runner(guest);
                QueueWorkers workers = QueueWorkers.on(queue, runner).jobs(jobs).start()) {
            assertThat(second.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(claimed).hasValue(2 * jobs);
            assertThat(most).hasValueLessThanOrEqualTo(jobs);
            workers.drain();
            goOn.countDown();
            stored.countDown();
            assertThat(workers.await(Duration.ofSeconds(20))).isTrue();
        }
        assertThat(claimed).hasValue(2 * jobs);
    }

    @Test
    void aJobThatIsTakenOutOfItsClaimIsRunNoMoreAndForgotten() throws Exception {
        Path job = top.resolve("queue/.job");
        Files.createDirectories(job.resolve("bin"));
        Files.writeString(job.resolve("bin/construir"), "#!/bin/sh\n").toFile().setExecutable(true);
        Files.move(job, top.resolve("queue/job"));
        CountDownLatch runs = new CountDownLatch(1);
        FakeGuest endless = machine -> {
            runs.countDown();
            new CountDownLatch(1).await();
            return new MachineExit.PoweredOff();
        };
        QueueOptions options = QueueOptions.DEFAULT.withSettle(Duration.ZERO).withRescan(Duration.ofMillis(10));
        try (Runner runner = runner(endless);
                DirectoryQueue queue = DirectoryQueue.open(top, options);
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .renewal(Duration.ofMillis(10))
                        .settings(one -> one.withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(4))))
                        .start()) {
            runs.await();
            try (Stream<Path> all = Files.walk(top.resolve("running"))) {
                Path claimed =
                        all.filter(path -> path.endsWith("job")).findFirst().orElseThrow();
                Files.move(claimed, top.resolve("elsewhere"));
            }
            await().until(() -> Whereabouts.litter(top).size() == 1); // the directory of this process
            workers.drain();
            assertThat(workers.await(Duration.ofMinutes(1))).isTrue();
        }
        assertThat(Whereabouts.litter(top)).isEmpty();
        assertThat(Whereabouts.in(top).count()).isZero();
    }
}
