package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.ConstruirException;
import dev.construir.ImageFormat;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import dev.construir.machine.HypervisorException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RunnerPoolTest {
    private static final Outcome DONE = new Outcome.Exited(0);
    private static final Outcome LOST = new Outcome.MachineLost("its host is gone");

    private final AtomicLong now = new AtomicLong();
    private final RunClock clock = new RunClock() {
        @Override
        public Instant instant() {
            return Instant.EPOCH;
        }

        @Override
        public long nanoTime() {
            return now.get();
        }
    };
    private final List<String> ran = new CopyOnWriteArrayList<>();
    private final ConcurrentHashMap<String, CountDownLatch> held = new ConcurrentHashMap<>();

    private static Job job(String name) {
        return Job.script(name, "true");
    }

    /** Ends each job at once, as it says. */
    private Runner host(String name, Outcome outcome) {
        return (job, listener) -> {
            ran.add(name);
            return JobResult.of(job, outcome);
        };
    }

    private Runner failing(String name) {
        return (job, listener) -> {
            ran.add(name);
            throw new HypervisorException(name + " has no hypervisor");
        };
    }

    /** Holds each job until it is let go. */
    private Runner holding(String name) {
        return (job, listener) -> {
            ran.add(name + " " + job.name());
            held.computeIfAbsent(job.name(), any -> new CountDownLatch(1)).await();
            return JobResult.of(job, DONE);
        };
    }

    private void letGo(String job) {
        held.computeIfAbsent(job, any -> new CountDownLatch(1)).countDown();
    }

    private RunnerPool.Builder pool() {
        return RunnerPool.builder().clock(clock);
    }

    private static Outcome run(Runner pool) throws ConstruirException, InterruptedException {
        try (JobResult result = pool.run(job("any"))) {
            return result.outcome();
        }
    }

    /** A runner that says its root, which is all it can do. */
    private record Rooted(RootImage image) implements Runner {
        @Override
        public JobResult run(Job job, RunListener listener) {
            throw new UnsupportedOperationException("it runs nothing");
        }

        @Override
        public Optional<RootImage> root() {
            return Optional.of(image);
        }
    }

    private static Runner rooted(String name) {
        return new Rooted(
                new RootImage(name, Path.of("disk"), ImageFormat.RAW, Architecture.X86_64, new Boot.Firmware()));
    }

    @Test
    void root_isThatOfAllRunners() {
        assertThat(host("lambda", DONE).root()).isEmpty();
        try (RunnerPool pool =
                pool().add("a", rooted("one"), 1).add("b", rooted("one"), 1).build()) {
            assertThat(pool.root().orElseThrow().name()).isEqualTo("one");
        }
        try (RunnerPool pool =
                pool().add("a", rooted("one"), 1).add("b", rooted("two"), 1).build()) {
            assertThat(pool.root()).isEmpty();
        }
    }

    @Test
    void jobsGoWhereThereIsMostRoom() {
        try (RunnerPool pool =
                pool().add("a", holding("a"), 1).add("b", holding("b"), 4).build()) {
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int count = i + 1;
                runs.add(pool.start(job("j" + i)));
                await().until(() -> ran.size() == count);
            }
            assertThat(ran).containsExactly("a j0", "b j1", "b j2", "b j3", "b j4");
            runs.add(pool.start(job("j5")));
            runs.add(pool.start(job("j6")));
            letGo("j0");
            await().until(() -> ran.size() == 6);
            assertThat(ran.get(5)).startsWith("a ");
            for (int i = 1; i < 7; i++) {
                letGo("j" + i);
            }
            runs.forEach(Run::close);
        }
    }

    @Test
    void waitingJobsGoInTheOrderInWhichTheyCame() throws Exception {
        RunnerPool pool = pool().add("a", holding("a"), 1).build();
        BlockingQueue<Run> runs = new LinkedBlockingQueue<>();
        runs.add(pool.start(job("j0")));
        await().until(() -> ran.size() == 1);
        for (int i = 1; i < 5; i++) {
            String name = "j" + i;
            runs.add(pool.start(job(name)));
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(thread -> thread.getName().equals("construir-run-" + name)
                            && thread.getState() == Thread.State.WAITING));
        }
        for (int i = 0; i < 5; i++) {
            int count = i + 1;
            await().until(() -> ran.size() == count);
            letGo("j" + i);
            runs.take().await().close();
        }
        assertThat(ran).containsExactly("a j0", "a j1", "a j2", "a j3", "a j4");
    }

    @Test
    void aRunnerThatFailsIsSetAsideAndItsJobRunsElsewhere() throws Exception {
        RunnerPool pool = pool().add("bad", failing("bad"), 9)
                .add("good", host("good", DONE), 1)
                .build();
        assertThat(run(pool)).isEqualTo(DONE);
        assertThat(run(pool)).isEqualTo(DONE);
        assertThat(ran).containsExactly("bad", "good", "good");
    }

    @Test
    void theJobOfAMachineThatWasLostOrHadNoRoomRunsElsewhere() throws Exception {
        RunnerPool full = pool().add("full", host("full", new Outcome.HostDiskFull(Path.of("/scratch"))), 9)
                .add("good", host("good", DONE), 1)
                .build();
        assertThat(run(full)).isEqualTo(DONE);
        assertThat(ran).containsExactly("full", "good");
        ran.clear();
        RunnerPool pool = pool().add("bad", host("bad", LOST), 9)
                .add("good", host("good", DONE), 1)
                .build();
        assertThat(run(pool)).isEqualTo(DONE);
        assertThat(ran).containsExactly("bad", "good");
    }

    @Test
    void afterAWhileARunnerIsTriedAgain() throws Exception {
        RunnerPool pool = pool().add("bad", failing("bad"), 9)
                .add("good", host("good", DONE), 1)
                .setAside(Duration.ofSeconds(60))
                .build();
        run(pool);
        now.addAndGet(TimeUnit.SECONDS.toNanos(59));
        run(pool);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        run(pool);
        assertThat(ran).containsExactly("bad", "good", "good", "bad", "good");
    }

    @Test
    void whereAllFailTheMessageSaysHowEachDid() throws Exception {
        RunnerPool pool =
                pool().add("a", failing("a"), 1).add("b", failing("b"), 1).build();
        assertThatThrownBy(() -> run(pool))
                .isInstanceOf(HypervisorException.class)
                .hasMessage("no runner could run the job any; a: a has no hypervisor; b: b has no hypervisor");
        // they are set aside, and tried all the same: there is nobody else
        assertThatThrownBy(() -> run(pool)).isInstanceOf(HypervisorException.class);
        assertThat(ran).containsExactly("a", "b", "a", "b");
    }

    @Test
    void theLastLostMachineIsTheAnswer() throws Exception {
        RunnerPool pool =
                pool().add("a", host("a", LOST), 1).add("b", host("b", LOST), 1).build();
        assertThat(run(pool)).isEqualTo(LOST);
        assertThat(ran).containsExactly("a", "b");
    }

    @Test
    void whatIsTheJobsFaultIsNotRunAgain() throws Exception {
        Runner picky = (job, listener) -> {
            ran.add("picky");
            throw BadJobException.notFound("there is no bin/construir");
        };
        RunnerPool pool = pool().add("a", picky, 1).add("b", picky, 1).build();
        assertThatThrownBy(() -> run(pool)).isInstanceOf(BadJobException.class);
        RunnerPool crashing = pool().add("a", host("a", new Outcome.HypervisorDied(137, "")), 1)
                .add("b", host("b", DONE), 1)
                .build();
        assertThat(run(crashing)).isInstanceOf(Outcome.HypervisorDied.class);
        assertThat(ran).containsExactly("picky", "a");
    }

    @Test
    void whoWaitsCanBeCancelledAndTakesNoRoom() throws Exception {
        RunnerPool pool = pool().add("a", holding("a"), 1).build();
        Run first = pool.start(job("first"));
        await().until(() -> ran.size() == 1);
        Run second = pool.start(job("second"));
        second.cancel();
        assertThat(second.await().outcome()).isEqualTo(new Outcome.Cancelled());
        letGo("first");
        assertThat(first.await().outcome()).isEqualTo(DONE);
        letGo("third");
        assertThat(pool.run(job("third")).outcome()).isEqualTo(DONE);
        assertThat(ran).containsExactly("a first", "a third");
    }

    @Test
    void aJobWaitsForABusyRunnerRatherThanForOneThatFailed() throws Exception {
        RunnerPool pool = pool().add("bad", failing("bad"), 9)
                .add("good", holding("good"), 1)
                .build();
        Run first = pool.start(job("first"));
        await().until(() -> ran.size() == 2);
        Run second = pool.start(job("second"));
        letGo("first");
        letGo("second");
        first.await();
        second.await();
        assertThat(ran).containsExactly("bad", "good first", "good second");
    }

    @Test
    void closingClosesAll() {
        List<String> closed = new ArrayList<>();
        class Closing implements Runner {
            private final String name;

            Closing(String name) {
                this.name = name;
            }

            @Override
            public JobResult run(Job job, RunListener listener) {
                return JobResult.of(job, DONE);
            }

            @Override
            public void close() {
                closed.add(name);
            }
        }
        pool().add("a", new Closing("a"), 1)
                .add("b", new Closing("b"), 1)
                .build()
                .close();
        assertThat(closed).containsExactly("a", "b");
    }

    @Test
    void refusesWhatMakesNoPool() {
        assertThatThrownBy(() -> pool().build()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool().add("a", host("a", DONE), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool().add("a", host("a", DONE), 1).add("a", host("a", DONE), 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool().setAside(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
