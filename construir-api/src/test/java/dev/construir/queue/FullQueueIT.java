package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A queue on a file system that fills up, becomes read-only, or is away: jobs wait, nothing is lost, and work continues
 * afterwards.
 */
@Timeout(60)
class FullQueueIT {
    private static final long ROOM = 1 << 20;
    private static final int INODES = 100;
    private static final QueueOptions QUICK =
            QueueOptions.DEFAULT.withSettle(Duration.ZERO).withRescan(Duration.ofMillis(50));
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Job JOB = Job.script("job", "true");

    @TempDir
    Path directory;

    private SmallDisk disk;
    private Path top;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(directory.resolve("mounted"), ROOM, INODES);
        top = disk.path().resolve("top");
    }

    @AfterEach
    void unmount() throws Exception {
        disk.close();
    }

    private void drop(String name) throws IOException {
        Path part = Files.createDirectories(top.resolve("queue")).resolve(".new");
        Files.writeString(part, "content of " + name);
        Files.setLastModifiedTime(part, FileTime.fromMillis(1_000_000));
        Files.move(part, top.resolve("queue").resolve(name));
    }

    private long count(String folder) throws IOException {
        try (Stream<Path> files = Files.list(top.resolve(folder))) {
            return files.count();
        }
    }

    private static JobResult done() {
        return JobResult.of(JOB, new Outcome.Exited(0));
    }

    @Test
    void withoutInodesJobsWait() throws Exception {
        drop("first.img");
        drop("second.img");
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            disk.fillInodes();
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> queue.claim(LONG)).hasMessageContaining("No space left on device");
            }
            assertThat(Whereabouts.in(top).waiting()).containsExactly("first", "second");
            disk.empty();
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("first");
                disk.fillInodes();
                assertThatThrownBy(() -> claim.complete(done())).hasMessageContaining("No space left on device");
                disk.empty();
                claim.complete(done());
            }
            assertThat(Whereabouts.in(top).results()).containsExactly("first");
        }
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void whatCannotGoBackGoesBackWhenThereIsRoom() throws Exception {
        drop("stuck.img");
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            Claim claim = queue.claim(LONG).orElseThrow();
            disk.fillInodes();
            assertThatThrownBy(claim::close).hasMessageContaining("No space left on device");
            assertThat(Whereabouts.in(top).claimed()).containsExactly("stuck");
            disk.empty();
            try (Claim again = queue.claim(LONG).orElseThrow()) {
                assertThat(again.attempt()).isEqualTo(1);
                again.complete(done());
            }
        }
        assertThat(Whereabouts.in(top).results()).containsExactly("stuck");
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void theHeartbeatGoesOnWithoutRoom() throws Exception {
        QueueOptions beating = QUICK.withHeartbeat(Duration.ofMillis(10));
        try (DirectoryQueue queue = DirectoryQueue.open(top, beating)) {
            Path own = top.resolve("running")
                    .resolve(Whereabouts.names(top.resolve("running")).get(0));
            disk.fill(0);
            disk.fillInodes();
            HeartbeatFile.BeatStamp before = HeartbeatFile.read(own).orElseThrow();
            await().atMost(LONG).until(() -> {
                Optional<HeartbeatFile.BeatStamp> now = HeartbeatFile.read(own);
                return now.isPresent()
                        && now.get().heartbeat().isPresent()
                        && now.get().heartbeat().get().beat()
                                > before.heartbeat().orElseThrow().beat() + 5;
            });
            assertThat(queue.silent()).isEmpty();
        }
    }

    @Test
    void whatCannotGoBackIsLeftToAnHeir() throws Exception {
        drop("stuck.img");
        DirectoryQueue queue = DirectoryQueue.open(top, QUICK);
        Claim claim = queue.claim(LONG).orElseThrow();
        disk.fillInodes();
        assertThatThrownBy(claim::close).hasMessageContaining("No space left on device");
        queue.close();
        assertThat(Whereabouts.in(top).claimed()).containsExactly("stuck");
    }

    /** A job that starts after the first result fills the queue's disk. */
    @Test
    void aResultWaitsUntilThereIsRoom() throws Exception {
        for (String name : new String[] {"first", "second", "third"}) {
            Path part = Files.createDirectories(top.resolve(name + ".part/bin"));
            Files.writeString(part.resolve("construir"), "#!/bin/sh\n").toFile().setExecutable(true, false);
            Files.createDirectories(top.resolve("queue"));
            Files.move(part.getParent(), top.resolve("queue").resolve(name));
        }
        CountDownLatch waiting = new CountDownLatch(1);
        QueueListener listener = new QueueListener() {
            @Override
            public void waiting(String why, Duration pause) {
                assertThat(why).contains("No space left on device");
                waiting.countDown();
            }
        };
        FakeGuest guest = machine -> {
            if (!Whereabouts.in(top).results().isEmpty() && waiting.getCount() > 0) {
                disk.fill(0);
            }
            return FakeGuest.exiting(0).run(machine);
        };
        RootImage image = FakeHypervisor.image(directory.resolve("root.img"));
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK);
                Runner runner = Runner.builder(new FakeHypervisor(guest), image)
                        .scratch(directory.resolve("scratch"))
                        .build();
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .settings(job -> job.withResources(Resources.DEFAULT.withDisk(DataSize.ofKibibytes(256))))
                        .listener(listener)
                        .start()) {
            waiting.await();
            assertThat(Whereabouts.in(top).results()).hasSizeBetween(1, 2); // one may have been on its way
            assertThat(Whereabouts.in(top).count()).isEqualTo(3);
            disk.empty();
            await().atMost(LONG).until(() -> Whereabouts.in(top).results().size() == 3);
            workers.drain();
            assertThat(workers.await(LONG)).isTrue();
        }
        assertThat(count("failed")).isZero();
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void aReadOnlyQueueIsWaitedFor() throws Exception {
        drop("first.img");
        drop("second.img");
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            Claim claim = queue.claim(LONG).orElseThrow();
            disk.forbid();
            assertThatThrownBy(() -> claim.complete(done())).hasMessageContaining("Read-only file system");
            assertThatThrownBy(() -> queue.claim(LONG)).hasMessageContaining("Read-only file system");
            assertThatThrownBy(() -> DirectoryQueue.open(top, QUICK))
                    .hasMessageContaining("cannot serve " + top + " as a queue")
                    .hasMessageContaining("Read-only file system; choose a writable directory");
            disk.restore();
            claim.complete(done());
            claim.close();
            assertThat(queue.claim(LONG).orElseThrow().name()).isEqualTo("second");
        }
        assertThat(Whereabouts.in(top).results()).containsExactly("first");
    }

    @Test
    void aQueueThatVanishedIsWaitedForAndNotMadeAgain() throws Exception {
        drop("first.img");
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            Claim claim = queue.claim(LONG).orElseThrow();
            disk.hide();
            assertThatThrownBy(() -> claim.complete(done())).hasMessageContaining("vanished");
            assertThatThrownBy(() -> queue.claim(LONG)).hasMessageContaining("vanished");
            try (Stream<Path> files = Files.list(disk.path())) {
                assertThat(files).isEmpty();
            }
            disk.restore();
            claim.complete(done());
            claim.close();
            drop("second.img");
            Optional<Claim> second = queue.claim(LONG);
            assertThat(second.orElseThrow().name()).isEqualTo("second");
            second.get().close();
        }
        assertThat(Whereabouts.in(top).results()).containsExactly("first");
        assertThat(Whereabouts.litter(top)).containsExactly("queue/.second.img.past");
    }
}
