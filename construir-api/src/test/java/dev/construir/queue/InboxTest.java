package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InboxTest {
    private static final QueueOptions OPTIONS =
            QueueOptions.DEFAULT.withSettle(Duration.ofMillis(20)).withRescan(Duration.ofHours(1));

    @TempDir
    Path top;

    /** Looks until so many lines were logged, but no more than {@code looks} times, and returns what was logged. */
    private String said(Duration settle, int lines, int looks, Step change) throws Exception {
        PrintStream stderr = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8)); // where the log goes
        try (Inbox inbox =
                new Inbox(top, OPTIONS.withSettle(settle).withRescan(Duration.ofMillis(10)), new DurableFileOps())) {
            for (int i = 0;
                    i < looks && logged.toString(StandardCharsets.UTF_8).lines().count() < lines;
                    i++) {
                change.perform();
                for (Optional<Inbox.WaitingJob> next = inbox.first(); next.isPresent(); next = inbox.first()) {
                    inbox.remove(next.get().file());
                    Files.delete(top.resolve(next.get().file().name()));
                }
                inbox.await(10_000_000);
            }
        } finally {
            System.setErr(stderr);
        }
        return logged.toString(StandardCharsets.UTF_8);
    }

    /** A change between two looks at the inbox. */
    @FunctionalInterface
    private interface Step {
        void perform() throws IOException;
    }

    @Test
    void whatIsNoJobAsItIsIsSaidOnceWithTheCure() throws Exception {
        Files.createDirectory(top.resolve("empty"));
        Files.createFile(top.resolve("empty.img"));
        Files.writeString(top.resolve(".hidden.img"), "x");
        Files.createDirectories(top.resolve(".directory/bin"));
        Files.writeString(top.resolve("copy.img.part"), "x");
        Files.writeString(top.resolve(".kept.img.past"), "attempts=1");
        Path changing = top.resolve("log.txt");
        String said = said(
                Duration.ofMillis(100),
                6,
                5000,
                () -> Files.writeString(changing, "a line\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        for (String line : List.of(
                "empty stays in the queue and cannot be taken: it is empty; "
                        + "fill it under a name that begins with a dot",
                "empty.img stays in the queue and cannot be taken: it is empty; fill it",
                ".hidden.img stays in the queue and cannot be taken: its name begins with a dot; rename it",
                ".directory stays in the queue and cannot be taken: its name begins with a dot",
                "copy.img.part stays in the queue and cannot be taken: its name ends in .part; rename it",
                "log.txt stays in the queue and cannot be taken: it keeps changing, "
                        + "and must not have changed for 0.1 s")) {
            assertThat(said).containsOnlyOnce("- " + line);
        }
        assertThat(said).doesNotContain("kept");
        assertThat(said.lines()).hasSize(6);
    }

    @Test
    void whatBecomesAJobInTimeIsNoMatter() throws Exception {
        int[] looks = new int[1];
        String said = said(Duration.ofMinutes(1), 1, 100, () -> {
            looks[0]++;
            Path part = top.resolve(".new");
            if (looks[0] % 3 == 0) { // grows, comes, and is taken
                Files.deleteIfExists(top.resolve("job.img"));
                Files.move(part, top.resolve("job.img"));
            } else {
                Files.writeString(part, "x".repeat(looks[0] % 3));
            }
        });
        assertThat(looks[0]).isEqualTo(100);
        assertThat(said).isEmpty();
    }

    @Test
    void anEntryThatIsEmptiedWhileItSettlesCausesNoMoreLooks() throws Exception {
        Path job = Files.writeString(top.resolve("job.img"), "half of it");
        try (Inbox inbox = new Inbox(top, OPTIONS, new DurableFileOps())) {
            assertThat(inbox.first()).isEmpty();
            Files.write(job, new byte[0]);
            long begin = System.nanoTime();
            long turns = 0;
            for (long left = 300_000_000; left > 0; left = begin + 300_000_000 - System.nanoTime()) {
                assertThat(inbox.first()).isEmpty();
                inbox.await(left);
                turns++;
            }
            assertThat(turns).as("turns in 0.3 s").isLessThan(10);
        }
    }
}
