package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A blocked log, as on a stopped terminal, stops no heartbeat. */
@Timeout(60)
class HeartbeatLogTest {
    @TempDir
    Path top;

    /** Blocks all writers until it is opened. */
    private static final class Blocked extends OutputStream {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        @Override
        public void write(int b) {
            reached.countDown();
            Uninterrupted.run(opened::await);
        }
    }

    private long beat(Path owner) throws IOException {
        return HeartbeatFile.read(owner)
                .flatMap(HeartbeatFile.BeatStamp::heartbeat)
                .map(Heartbeat::beat)
                .orElse(-1L);
    }

    private Path own() throws IOException {
        try (Stream<Path> owners = Files.list(top.resolve("running"))) {
            return owners.filter(owner -> !owner.endsWith("1-1-stopped"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void heartbeatsGoOnWhileNothingCanBeLogged() throws Exception {
        QueueOptions options = QueueOptions.DEFAULT.withHeartbeat(Duration.ofMillis(10));
        PrintStream stderr = System.err;
        Blocked blocked = new Blocked();
        System.setErr(new PrintStream(blocked, true, StandardCharsets.UTF_8)); // where the log goes
        try (DirectoryQueue queue = DirectoryQueue.open(top, options)) {
            Path stopped = Files.createDirectories(top.resolve("running/1-1-stopped"));
            Files.writeString(
                    stopped.resolve("heartbeat"), "version=1\nprocess=1-1\nhost=h\nboot=b\nperiod=10\nbeat=1\n");
            blocked.reached.await(); // about to log that the other process has stopped
            Path own = own();
            long before = beat(own);
            await().until(() -> beat(own) > before + 3);
            assertThat(queue.silent()).hasSize(1);
        } finally {
            blocked.opened.countDown();
            System.setErr(stderr);
        }
    }

    @Test
    void linesComeInTheirOrderAndNoMoreThanSomeAreKept() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch reached = new CountDownLatch(1);
        List<Integer> written = new ArrayList<>();
        LogThread log = new LogThread();
        log.execute(() -> {
            reached.countDown();
            Uninterrupted.run(opened::await);
        });
        reached.await();
        for (int i = 0; i < 1000; i++) {
            int line = i;
            log.execute(() -> written.add(line));
        }
        opened.countDown();
        log.close();
        assertThat(written)
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
        log.execute(() -> written.add(-1));
        log.close();
        assertThat(written).hasSize(100);
    }
}
