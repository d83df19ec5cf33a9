package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that show no sign of life, and how others react. */
@Timeout(60)
class StoppedWorkersTest {
    private static final QueueOptions QUICK = QueueOptions.DEFAULT
            .withSettle(Duration.ZERO)
            .withRescan(Duration.ofMillis(20))
            .withHeartbeat(Duration.ofMillis(20));
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private void drop(Path top, String name) throws IOException {
        Path job = top.resolve("queue/." + name);
        Files.createDirectories(job.resolve("bin"));
        assertThat(Files.writeString(job.resolve("bin/construir"), "#!/bin/sh\n")
                        .toFile()
                        .setExecutable(true))
                .isTrue();
        Files.move(job, top.resolve("queue").resolve(name));
    }

    private Runner runner(FakeGuest guest, String scratch) throws Exception {
        RootImage root = FakeHypervisor.image(directory.resolve("root.img"));
        return Runner.builder(new FakeHypervisor(guest), root)
                .scratch(directory.resolve(scratch))
                .build();
    }

    private QueueWorkers.Builder workers(DirectoryQueue queue, Runner runner) {
        return QueueWorkers.on(queue, runner)
                .renewal(Duration.ofMillis(10))
                .settings(job -> job.withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(4))));
    }

    @Test
    void aStoppedProcessKeepsItsJobsByDefaultButIsReported() throws Exception {
        Path top = directory.resolve("top");
        drop(top, "kept");
        StoppingChanges changes = new StoppingChanges();
        try (DirectoryQueue stopped = DirectoryQueue.open(top, QUICK, changes);
                Claim claim = stopped.claim(LONG).orElseThrow();
                DirectoryQueue other = DirectoryQueue.open(top, QUICK)) {
            changes.fallSilent();
            await().atMost(LONG).until(() -> !other.silent().isEmpty());
            SilentWatcher silent = other.silent().get(0);
            assertThat(silent.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(silent.jobs()).containsExactly("kept");
            assertThat(silent.silent()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
            assertThat(other.claim(Duration.ofMillis(300))).isEmpty();
            changes.goOn();
            await().atMost(LONG).until(() -> other.silent().isEmpty());
            claim.complete(JobResult.of(claim.job(), new Outcome.Exited(0)));
        }
        assertThat(Whereabouts.in(top).results()).containsExactly("kept");
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void whoLosesAJobSaysSoAndGoesOnWithTheNext() throws Exception {
        Path top = directory.resolve("top");
        drop(top, "first");
        StoppingChanges changes = new StoppingChanges();
        CountDownLatch runs = new CountDownLatch(1);
        Map<String, String> lost = new ConcurrentHashMap<>();
        List<String> completed = new CopyOnWriteArrayList<>();
        List<String> released = new CopyOnWriteArrayList<>();
        QueueListener listener = new QueueListener() {
            @Override
            public void lost(String job, String why) {
                lost.put(job, why);
            }

            @Override
            public void completed(String job, Outcome outcome, List<String> hints, Duration took) {
                completed.add(job);
            }

            @Override
            public void givenBack(String job, String why) {
                throw new AssertionError(job + " is not this one's to give back: " + why);
            }

            @Override
            public void released(String job) {
                released.add(job);
            }
        };
        FakeGuest hanging = machine -> {
            if (runs.getCount() > 0) {
                runs.countDown();
                new CountDownLatch(1).await();
            }
            return FakeGuest.exiting(0).run(machine);
        };
        // They notice late that they lost the job: as they are not really stopped, they might claim it again first.
        try (DirectoryQueue stopped = DirectoryQueue.open(top, QUICK, changes);
                Runner runner = runner(hanging, "stopped");
                QueueWorkers workers = workers(stopped, runner)
                        .renewal(Duration.ofSeconds(1))
                        .listener(listener)
                        .start()) {
            runs.await();
            changes.fallSilent();
            try (DirectoryQueue other = DirectoryQueue.open(top, QUICK.withTakeOverAfter(Duration.ofMillis(200)));
                    Claim claim = other.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("first");
                assertThat(claim.attempt()).isEqualTo(2);
                changes.goOn();
                claim.complete(JobResult.of(claim.job(), new Outcome.Exited(7)));
            }
            await().atMost(LONG).until(() -> released.contains("first"));
            drop(top, "second");
            await().atMost(LONG).until(() -> completed.contains("second"));
            workers.drain();
            assertThat(workers.await(LONG)).isTrue();
        }
        assertThat(lost).containsOnlyKeys("first");
        assertThat(lost.get("first"))
                .matches("another watcher \\(process id \\d+\\) took the job over, as this one showed no sign of life; "
                        + ".*");
        assertThat(completed).containsExactly("second");
        assertThat(Files.readString(top.resolve("done/first.json"))).contains("\"attempts\": 2", "\"exitCode\": 7");
        assertThat(Whereabouts.in(top).results()).containsExactly("first", "second");
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void aJobIsNotTakenOverBeforeSignsOfLifeAreMissing() {
        assertThatThrownBy(() -> QueueOptions.DEFAULT.withTakeOverAfter(Duration.ofSeconds(9)))
                .hasMessage("a job is taken over after 10 s at the earliest, "
                        + "as signs of life come every 2000 ms and 5 must be"
                        + " missing, not after 9000 ms");
        assertThat(QueueOptions.DEFAULT
                        .withTakeOverAfter(Duration.ofSeconds(10))
                        .takeOverAfter())
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(QueueOptions.DEFAULT.takeOverAfter()).isEqualTo(QueueOptions.NEVER);
    }
}
