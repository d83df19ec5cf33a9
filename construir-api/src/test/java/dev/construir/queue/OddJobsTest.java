package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.job.Job;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mistaken and hostile entries of a queue, and changes to its directories. */
@Timeout(60)
class OddJobsTest {
    private static final QueueOptions QUICK =
            QueueOptions.DEFAULT.withSettle(Duration.ZERO).withRescan(Duration.ofMillis(20));
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Job JOB = Job.script("job", "true");

    @TempDir
    Path directory;

    private Path top;
    private Path waiting;

    @BeforeEach
    void prepare() throws IOException {
        top = directory.resolve("top");
        waiting = Files.createDirectories(top.resolve("queue"));
    }

    private List<String> files(String folder) throws IOException {
        return Whereabouts.names(top.resolve(folder));
    }

    private static JobResult done() {
        return JobResult.of(JOB, new Outcome.Exited(0));
    }

    private static void sh(String script, Path in) throws Exception {
        assertThat(new ProcessBuilder("sh", "-c", script)
                        .directory(in.toFile())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Claims so many jobs, each of which fails once and is completed then. */
    private List<String> serve(int jobs) throws Exception {
        List<String> names = new ArrayList<>();
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            while (names.size() < jobs) {
                try (Claim claim = queue.claim(LONG).orElseThrow()) {
                    if (claim.attempt() == 1) {
                        claim.fail("on purpose");
                    } else {
                        names.add(claim.name());
                        claim.complete(done());
                    }
                }
            }
            assertThat(queue.claim(Duration.ZERO)).isEmpty();
        }
        return names;
    }

    @Test
    void oddNamesAreNames() throws Exception {
        List<String> odd =
                List.of("with space.img", "line\nfeed.img", "-rf", "*", "p1-\n.img", "Grüße 木.img", "a\\b\"c.img");
        for (String name : odd) {
            Files.writeString(waiting.resolve(name), name);
        }
        assertThat(serve(odd.size())).doesNotHaveDuplicates();
        assertThat(files("done")).hasSize(3 * odd.size()).containsAll(odd);
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void longNamesAreCut() throws Exception {
        String ascii = "x".repeat(251);
        String wide = "木".repeat(83); // 249 bytes
        String astral = "😀".repeat(62); // 248 bytes, pairs of which no half may stay
        for (String name :
                new String[] {ascii + ".img", ascii + ".raw", wide + ".img", astral + ".img", "y".repeat(255)}) {
            Files.writeString(waiting.resolve(name), name);
        }
        assertThat(serve(5)).hasSize(5);
        assertThat(Whereabouts.in(top).results()).hasSize(5).allMatch(name -> name.length() < 240);
        assertThat(files("done")).hasSize(15).noneMatch(name -> name.contains("?"));
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void jobsNamedLikeResultsDoNotCollide() throws Exception {
        List<String> names = List.of("x", "x.json", "x.log", "x.img", "x-json", "x.xz");
        for (String name : names) {
            Files.writeString(waiting.resolve(name), name);
        }
        serve(names.size());
        assertThat(Whereabouts.in(top).results()).hasSize(names.size());
        List<String> contents = new ArrayList<>();
        for (String name : files("done")) {
            if (!name.endsWith(".log") && !name.endsWith(".json")) {
                contents.add(Files.readString(top.resolve("done").resolve(name)));
            }
        }
        assertThat(contents).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void aNameThatIsNoTextStaysAndBlocksNoOther() throws Exception {
        sh("printf x > \"$(printf 'bad\\377.img')\"", waiting);
        Files.writeString(waiting.resolve("good.img"), "x");
        assertThat(serve(1)).containsExactly("good");
        assertThat(files("queue")).hasSize(1);
        assertThat(files("running")).isEmpty();
    }

    @Test
    void whatIsNeitherFileNorDirectoryIsRefused() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        Files.createSymbolicLink(waiting.resolve("link.img"), secret);
        Files.createSymbolicLink(waiting.resolve("dangling.img"), Path.of("nowhere"));
        Files.createSymbolicLink(waiting.resolve("directory"), directory);
        sh("mkfifo pipe.img", waiting);
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(waiting.resolve("socket.img")));
            try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
                for (int i = 0; i < 5; i++) {
                    try (Claim claim = queue.claim(LONG).orElseThrow()) {
                        assertThatThrownBy(claim::job)
                                .hasMessageMatching(
                                        ".*(is neither a disk image nor a directory|and none is followed.*)");
                        claim.reject("odd");
                    }
                }
            }
        }
        assertThat(files("failed"))
                .hasSize(15)
                .contains("link.img", "dangling.img", "directory", "pipe.img", "socket.img");
        assertThat(secret).content().isEqualTo("secret");
        assertThat(directory.resolve("top")).exists();
        assertThat(Whereabouts.litter(top)).isEmpty();
    }

    @Test
    void timesOfAnyCenturyAreNoMatter() throws Exception {
        List<String> order = List.of("future.img", "past.img", "before.img");
        Instant[] times = {Instant.parse("2200-01-01T00:00:00Z"), Instant.EPOCH, Instant.parse("1931-01-01T00:00:00Z")};
        for (int i = 0; i < times.length; i++) {
            Path part = Files.writeString(waiting.resolve(".part"), "x");
            Files.setLastModifiedTime(part, FileTime.from(times[i]));
            Path job = Files.move(part, waiting.resolve(order.get(i)));
            FileTime dropped = (FileTime) Files.getAttribute(job, "unix:ctime");
            Path tick = waiting.resolve(".tick");
            do { // until the file system's clock advances
                Files.deleteIfExists(tick);
                Files.createFile(tick);
            } while (Files.getAttribute(tick, "unix:ctime").equals(dropped));
        }
        QueueOptions patient = QUICK.withSettle(Duration.ofHours(1)); // renamed files need not settle
        List<String> taken = new ArrayList<>();
        try (DirectoryQueue queue = DirectoryQueue.open(top, patient)) {
            for (int i = 0; i < times.length; i++) {
                try (Claim claim = queue.claim(LONG).orElseThrow()) {
                    taken.add(claim.name() + ".img");
                    claim.complete(done());
                }
            }
        }
        assertThat(taken).isEqualTo(order);
    }

    @Test
    void anotherThatCameUnderTheNameOfOneThatWaitedHasToSettle() throws Exception {
        QueueOptions patient = QUICK.withSettle(Duration.ofHours(1)).withRescan(Duration.ofHours(1));
        for (String name : new String[] {"first.img", "second.img"}) {
            Path part = Files.writeString(waiting.resolve(".part"), "x");
            Files.setLastModifiedTime(part, FileTime.fromMillis(1_000_000));
            Files.move(part, waiting.resolve(name));
        }
        try (DirectoryQueue queue = DirectoryQueue.open(top, patient)) {
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                claim.reject("to make room");
            }
            Path second = waiting.resolve(files("queue").get(0));
            Files.delete(second); // taken by another process
            Files.writeString(second, "and this is still being written");
            assertThat(queue.claim(Duration.ZERO)).isEmpty();
            assertThat(second).exists();
        }
    }

    @Test
    void claimsGoOnWhenRunningWasRemoved() throws Exception {
        Files.writeString(waiting.resolve("first.img"), "x");
        Files.writeString(waiting.resolve("second.img"), "x");
        Files.writeString(waiting.resolve("third.img"), "x");
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            Claim finished = queue.claim(LONG).orElseThrow();
            Claim lost = queue.claim(LONG).orElseThrow();
            sh("rm -rf running", top);
            finished.complete(done()); // the job was removed, and its result must stay
            finished.close();
            lost.close();
            assertThat(Files.exists(top.resolve("done").resolve(finished.name() + ".json")))
                    .isTrue();
            try (Claim third = queue.claim(LONG).orElseThrow()) {
                assertThat(third.attempt()).isEqualTo(1);
                third.complete(done());
            }
        }
        assertThat(files("running")).isEmpty();
        assertThat(files("done")).contains("third.json");
    }

    @Test
    void aQueueThatWasReplacedIsServedAndWatched() throws Exception {
        QueueOptions watching = QUICK.withRescan(Duration.ofMillis(500));
        Files.writeString(waiting.resolve("old.img"), "x");
        try (DirectoryQueue queue = DirectoryQueue.open(top, watching)) {
            Claim old = queue.claim(LONG).orElseThrow();
            Path away = Files.move(top, directory.resolve("away"));
            assertThatThrownBy(() -> queue.claim(LONG)).hasMessageContaining("vanished");
            Files.createDirectories(waiting);
            Files.writeString(waiting.resolve("new.img"), "x");
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                assertThat(claim.name()).isEqualTo("new");
                claim.complete(done());
            }
            try (DirectoryQueue other = DirectoryQueue.open(away, watching)) {
                assertThat(other.claim(Duration.ZERO)).isEmpty(); // it still runs
            }
            old.complete(done());
            old.close();
        }
        assertThat(files("done")).contains("new.json", "old.json");
        assertThat(Files.exists(top.resolve("queue/old.img"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void theRetryRecordOfARemovedJobIsRemoved() throws Exception {
        Files.writeString(waiting.resolve("gone.img"), "x");
        try (DirectoryQueue queue = DirectoryQueue.open(top, QUICK)) {
            try (Claim claim = queue.claim(LONG).orElseThrow()) {
                claim.fail("on purpose");
            }
            assertThat(files("queue")).containsExactly(".gone.img.past", "gone.img");
            Files.delete(waiting.resolve("gone.img"));
            while (!files("queue").isEmpty()) {
                assertThat(queue.claim(Duration.ofMillis(20))).isEmpty();
            }
        }
    }
}
