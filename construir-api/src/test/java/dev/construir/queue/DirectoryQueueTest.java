package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.read.DiskReader;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineExit;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DirectoryQueueTest {
    private static final QueueOptions QUICK =
            QueueOptions.DEFAULT.withSettle(Duration.ofMillis(200)).withRescan(Duration.ofMillis(50));
    private static final DataSize CRASHING = DataSize.ofMebibytes(99);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path top;

    private DirectoryQueue open() throws IOException {
        return DirectoryQueue.open(top, QUICK);
    }

    private void drop(String name) throws IOException {
        Path part = Files.createDirectories(top.resolve("queue")).resolve(".new-" + name);
        Files.writeString(part, "content of " + name);
        Files.setLastModifiedTime(part, java.nio.file.attribute.FileTime.fromMillis(1_000_000));
        Files.move(part, top.resolve("queue").resolve(name));
    }

    private List<String> waiting() throws IOException {
        return files("queue").stream().filter(JobFile::isJob).toList();
    }

    private List<String> files(String folder) throws IOException {
        return Whereabouts.names(top.resolve(folder));
    }

    private static JobResult result(Job job, Outcome outcome) {
        return JobResult.of(job, outcome);
    }

    private static final Job JOB = Job.script("job", "true");

    @ParameterizedTest
    @ValueSource(strings = {"vm.img", "it's.img"})
    void reasonsNameNoPlaceThatIsGone(String name, @TempDir Path directory) throws Exception {
        Path place = directory.resolve("served");
        try (DirectoryQueue queue = DirectoryQueue.open(place, QueueOptions.DEFAULT.withSettle(Duration.ZERO))) {
            Path part = Files.write(place.resolve("queue/.part"), new byte[] {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3});
            Files.move(part, place.resolve("queue").resolve(name));
            try (Claim claim = queue.claim(Duration.ofSeconds(20)).orElseThrow()) {
                Job job = claim.job();
                assertThatThrownBy(() -> job.createDisk(directory.resolve("disk"), DataSize.ofMebibytes(1)))
                        .satisfies(e -> assertThat(claim.explain(String.valueOf(e.getMessage())))
                                .doesNotContain("/running/", directory.toString())
                                .contains(name + " holds no ext2", "qemu-img convert -O raw ", ".raw.img"));
                claim.reject("tried");
            }
        }
    }

    @Test
    void aFileIsNoQueue(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        for (Path place : List.of(file, file.resolve("below"))) {
            assertThatThrownBy(() -> DirectoryQueue.open(place, QueueOptions.DEFAULT))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot serve " + place + " as a queue: ")
                    .hasMessageContaining("director");
        }
    }

    @Test
    void aJobThatExitedIsDone() throws Exception {
        drop("hello.img");
        try (DirectoryQueue queue = open();
                Claim claim = queue.claim(LONG).orElseThrow()) {
            assertThat(claim.name()).isEqualTo("hello");
            assertThat(claim.attempt()).isEqualTo(1);
            assertThat(waiting()).isEmpty();
            assertThat(claim.renew()).isEqualTo(Claim.Directive.CONTINUE);
            claim.complete(result(JOB, new Outcome.Exited(3)));
        }
        assertThat(files("done")).containsExactly("hello.img", "hello.json", "hello.log");
        assertThat(Files.readString(top.resolve("done/hello.json")))
                .contains("\"outcome\": \"exited\"", "\"exitCode\": 3");
        assertThat(files("failed")).isEmpty();
        assertThat(files("running")).isEmpty();
        assertThat(waiting()).isEmpty();
    }

    private Runner runner(FakeGuest guest) throws Exception {
        RootImage root = FakeHypervisor.image(top.resolve("root.img"));
        return Runner.builder(new FakeHypervisor(guest), root)
                .scratch(top.resolve("scratch"))
                .build();
    }

    private void dropDirectory(String name) throws IOException {
        Path part = top.resolve(name + ".part");
        Files.createDirectories(part.resolve("bin"));
        Path script = Files.writeString(part.resolve("bin/construir"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(part, Files.createDirectories(top.resolve("queue")).resolve(name));
    }

    @Test
    void workersLeaveTheDiskTheLogAndTheRecord() throws Exception {
        dropDirectory("built");
        dropDirectory("killed");
        drop("nonsense.img");
        FakeGuest guest = machine -> {
            if (machine.spec().memory().equals(CRASHING)) {
                return new MachineExit.Panicked();
            }
            return FakeGuest.exiting(4).run(machine);
        };
        try (DirectoryQueue queue = open();
                Runner runner = runner(guest);
                QueueWorkers workers = QueueWorkers.on(queue, runner)
                        .jobs(2)
                        .settings(job -> {
                            Resources small = Resources.DEFAULT.withDisk(DataSize.ofMebibytes(4));
                            return job.withResources(job.name().equals("killed") ? small.withMemory(CRASHING) : small);
                        })
                        .start()) {
            await().until(() -> files("done").size() + files("failed").size() == 9);
            workers.drain();
            assertThat(workers.await(LONG)).isTrue();
        }
        assertThat(files("done")).containsExactly("built.img.xz", "built.json", "built.log");
        assertThat(files("failed"))
                .containsExactly(
                        "killed.img.xz", "killed.json", "killed.log", "nonsense.img", "nonsense.json", "nonsense.log");
        assertThat(Files.readString(top.resolve("failed/nonsense.json"))).contains("no ext2, ext3 or ext4 file system");
        assertThat(files("running")).isEmpty();
        assertThat(waiting()).isEmpty();
        String record = Files.readString(top.resolve("done/built.json"));
        assertThat(record).contains("\"exitCode\": 4", "\"hypervisor\": \"fake\"", "\"image\": {", "\"size\": 1048576");
        try (DiskReader disk = DiskReader.open(top.resolve("done/built.img.xz"))) {
            assertThat(disk.find("/construir.status")).isPresent();
        }
    }

    @Test
    void takesTheMostUrgentAndThenTheOldest() throws Exception {
        for (String name : List.of("b.img", "a.img", "p9-late.img", "p1-now.img", "c.img")) {
            drop(name);
        }
        List<String> order = new ArrayList<>();
        List<Claim> claims = new ArrayList<>();
        try (DirectoryQueue queue = open()) {
            for (Optional<Claim> claim = queue.claim(LONG); claim.isPresent(); claim = queue.claim(Duration.ZERO)) {
                claims.add(claim.get());
                order.add(claim.get().name());
            }
            assertThat(order).containsExactly("p1-now", "b", "a", "c", "p9-late");
            for (Claim claim : claims) {
                claim.close();
            }
        }
        assertThat(waiting()).hasSize(5);
        assertThat(files("running")).isEmpty();
    }

    @Test
    void whatIsStillWrittenIsLeftAlone() throws Exception {
        try (DirectoryQueue queue = open()) {
            Path growing = top.resolve("queue/growing.img");
            for (int i = 0; i < 10; i++) {
                Files.writeString(growing, "x".repeat(i));
                assertThat(queue.claim(Duration.ofMillis(60))).isEmpty();
            }
            Files.writeString(top.resolve("queue/.hidden.img"), "x");
            Files.writeString(top.resolve("queue/copy.img.part"), "x");
            Files.createFile(top.resolve("queue/empty.img"));
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("growing");
                assertThat(queue.claim(Duration.ofMillis(500))).isEmpty();
            }
        }
    }

    @Test
    void aJobWhoseAttemptsFailIsPutAside() throws Exception {
        drop("bad.img");
        try (DirectoryQueue queue = open()) {
            for (int attempt = 1; attempt <= 3; attempt++) {
                try (Claim claim = queue.claim(LONG).orElseThrow()) {
                    assertThat(claim.attempt()).isEqualTo(attempt);
                    claim.fail("no machine could be started");
                }
            }
            assertThat(queue.claim(Duration.ofMillis(200))).isEmpty();
        }
        assertThat(files("failed")).containsExactly("bad.img", "bad.json", "bad.log");
        assertThat(Files.readString(top.resolve("failed/bad.img"))).isEqualTo("content of bad.img");
        assertThat(Files.readString(top.resolve("failed/bad.json")))
                .contains("\"attempts\": 3", "attempt 3 was the last: no machine could be started");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void aSecondJobOfTheNameGetsANumber() throws Exception {
        try (DirectoryQueue queue = open()) {
            for (int i = 0; i < 3; i++) {
                drop("same.img");
                try (Claim claim = queue.claim(LONG).orElseThrow()) {
                    claim.complete(result(JOB, new Outcome.Exited(i)));
                }
            }
        }
        assertThat(files("done"))
                .contains("same.json", "same-2.json", "same-3.json", "same.img", "same-2.img", "same-3.img")
                .hasSize(9);
    }

    @Test
    void aJobGivenBackMeetsAnotherOfItsName() throws Exception {
        drop("same.img");
        try (DirectoryQueue queue = open()) {
            Claim claim = queue.claim(LONG).orElseThrow();
            drop("same.img");
            claim.close();
            assertThat(waiting()).containsExactly("same-2.img", "same.img");
        }
    }

    @Test
    void aJobGivenBackKeepsItsPlaceButNotAfterAFailure() throws Exception {
        for (String name : List.of("first.img", "second.img", "third.img")) {
            drop(name);
        }
        try (DirectoryQueue queue = open()) {
            queue.claim(LONG).orElseThrow().close();
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("first");
                claim.reject("to have the next");
            }
            try (Claim second = queue.claim(LONG).orElseThrow()) {
                second.fail("on purpose");
            }
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("third");
                claim.reject("to have the next");
            }
            try (Claim second = queue.claim(LONG).orElseThrow()) {
                assertThat(second.name()).isEqualTo("second");
                assertThat(second.attempt()).isEqualTo(2);
            }
        }
    }

    @Test
    void whatIsKnownOfAJobIsNotKnownOfAnotherOfTheName() throws Exception {
        drop("same.img");
        try (DirectoryQueue queue = open()) {
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                claim.fail("on purpose");
            }
            Files.move(top.resolve("queue/same.img"), top.resolve("kept.img"));
            drop("same.img");
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.attempt()).isEqualTo(1);
            }
        }
    }

    @Test
    void aJobThatCannotGoBackGoesBackLater() throws Exception {
        drop("stuck.img");
        try (DirectoryQueue queue = open()) {
            Claim claim = queue.claim(LONG).orElseThrow();
            Path folder = top.resolve("queue");
            Path away = Files.move(folder, top.resolve("away"));
            assertThatThrownBy(claim::close).isInstanceOf(IOException.class);
            Files.move(away, folder);
            try (Claim again = queue.claim(LONG).orElseThrow()) {
                assertThat(again.name()).isEqualTo("stuck");
                assertThat(again.attempt()).isEqualTo(1);
            }
        }
        assertThat(waiting()).containsExactly("stuck.img");
    }

    @Test
    void foreignFilesAreNeitherReplacedNorInTheWay() throws Exception {
        drop("taken.img");
        try (DirectoryQueue queue = open();
                Claim claim = queue.claim(LONG).orElseThrow()) {
            Files.writeString(top.resolve("done/taken.img.xz"), "foreign");
            Files.createSymbolicLink(top.resolve("done/taken-2.json"), Path.of("nowhere"));
            Files.writeString(top.resolve("done/taken-3.log"), "foreign");
            claim.complete(result(JOB, new Outcome.Exited(0)));
        }
        assertThat(files("done"))
                .containsExactly(
                        "taken-2.json", "taken-3.log", "taken-4.img", "taken-4.json", "taken-4.log", "taken.img.xz");
        assertThat(top.resolve("done/taken.img.xz")).content().isEqualTo("foreign");
    }

    @Test
    void aResultThatIsStoredIsNeverTakenBack() throws Exception {
        drop("kept.img");
        try (DirectoryQueue queue = open();
                Claim claim = queue.claim(LONG).orElseThrow()) {
            Path away = Files.move(top.resolve("done"), top.resolve("away"));
            Files.createFile(top.resolve("done"));
            assertThatThrownBy(() -> claim.complete(result(JOB, new Outcome.Exited(0))))
                    .isInstanceOf(IOException.class);
            Files.delete(top.resolve("done"));
            Files.move(away, top.resolve("done"));
            claim.fail("it could not be stored");
        }
        assertThat(files("done")).containsExactly("kept.img", "kept.json", "kept.log");
        assertThat(waiting()).isEmpty();
    }

    @Test
    void aReservationOfTheDeadIsRemovedAndALinkIsNoJob() throws Exception {
        try (DirectoryQueue queue = open()) {
            Files.createSymbolicLink(top.resolve("queue/gone.img"), Path.of("../running/1-2-x/7"));
            Path secret = Files.writeString(top.resolve("secret"), "content");
            Files.createSymbolicLink(top.resolve("queue/link.img"), secret);
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("link");
                assertThatThrownBy(claim::job)
                        .hasMessageContaining("link.img is a symbolic link, and none is followed");
                claim.reject("a link");
            }
            assertThat(queue.claim(Duration.ofMillis(200))).isEmpty();
        }
        assertThat(waiting()).isEmpty();
        assertThat(files("failed")).contains("link.img", "link.json");
        assertThat(top.resolve("secret")).content().isEqualTo("content");
    }

    @Test
    void closingEndsTheWaitOfOthers() throws Exception {
        DirectoryQueue queue = DirectoryQueue.open(top, QueueOptions.DEFAULT);
        CompletableFuture<Optional<Claim>> waiting = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                waiting.complete(queue.claim(Duration.ofHours(1)));
            } catch (IOException | InterruptedException | RuntimeException e) {
                waiting.completeExceptionally(e);
            }
        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        queue.close();
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEmpty();
        queue.close();
        assertThat(files("running")).isEmpty();
    }

    @Test
    void aHostWithoutMachinesCostsNoJobItsLastAttempt() throws Exception {
        drop("one.img");
        drop("two.img");
        Runner none = (job, listener) -> {
            throw new HypervisorException("no such program");
        };
        CountDownLatch givenBack = new CountDownLatch(4);
        AtomicInteger released = new AtomicInteger();
        QueueListener hearing = new QueueListener() {
            @Override
            public void givenBack(String job, String why) {
                givenBack.countDown();
            }

            @Override
            public void released(String job) {
                released.incrementAndGet();
            }
        };
        try (DirectoryQueue queue = open();
                QueueWorkers workers =
                        QueueWorkers.on(queue, none).jobs(4).listener(hearing).start()) {
            assertThat(givenBack.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(queue.waiting()).isLessThanOrEqualTo(2);
        }
        assertThat(files("failed")).isEmpty();
        assertThat(files("queue")).contains("one.img", "two.img");
        assertThat(released.get()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void aRunnerThatThrowsCostsAttemptsAndNoWorker() throws Exception {
        drop("poison.img");
        drop("good.img");
        AtomicInteger calls = new AtomicInteger();
        Runner runner = (job, listener) -> {
            calls.incrementAndGet();
            if (job.name().startsWith("poison")) {
                throw new IllegalStateException("on purpose");
            }
            return result(job, new Outcome.Exited(0));
        };
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK);
                QueueWorkers workers = QueueWorkers.on(queue, runner).start()) {
            await().atMost(LONG)
                    .until(() -> files("done").contains("good.json")
                            && files("failed").contains("poison.json"));
            workers.drain();
            assertThat(workers.await(LONG)).isTrue();
        }
        assertThat(calls).hasValue(4);
        assertThat(Files.readString(top.resolve("failed/poison.json"))).contains("\"attempts\": 3", "on purpose");
    }

    @Test
    void whoIsStoppedGivesBack() throws Exception {
        drop("long.img");
        CountDownLatch running = new CountDownLatch(1);
        Runner runner = (job, listener) -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return result(job, new Outcome.Cancelled());
        };
        try (DirectoryQueue queue = open()) {
            try (QueueWorkers workers = QueueWorkers.on(queue, runner).jobs(2).start()) {
                running.await();
                assertThat(workers.await(Duration.ofMillis(50))).isFalse();
            }
            assertThat(waiting()).containsExactly("long.img");
            try (Claim again = queue.claim(LONG).orElseThrow()) {
                assertThat(again.attempt()).isEqualTo(1);
            }
        }
    }

    @Test
    void aWorkerWithoutScratchRejectsNoJob() throws Exception {
        dropDirectory("built");
        CountDownLatch waiting = new CountDownLatch(3); // one for each attempt
        QueueListener listener = new QueueListener() {
            @Override
            public void waiting(String why, Duration pause) {
                assertThat(why).contains("no scratch directory");
                waiting.countDown();
            }
        };
        Path scratch = top.resolve("scratch");
        try (DirectoryQueue queue = open();
                Runner runner = runner(FakeGuest.exiting(0))) {
            Path away = Files.move(scratch, top.resolve("away"));
            try (QueueWorkers workers = QueueWorkers.on(queue, runner)
                    .settings(job -> job.withResources(Resources.DEFAULT.withDisk(DataSize.ofMebibytes(4))))
                    .listener(listener)
                    .start()) {
                waiting.await();
                assertThat(files("failed")).isEmpty();
                Files.move(away, scratch);
                await().atMost(LONG).until(() -> files("done").contains("built.json"));
                workers.drain();
                assertThat(workers.await(LONG)).isTrue();
            }
        }
        assertThat(files("failed")).isEmpty();
    }
}
