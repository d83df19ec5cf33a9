package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InboxTest {
    private static final QueueOptions OPTIONS =
            QueueOptions.DEFAULT.withSettle(Duration.ofMillis(20)).withRescan(Duration.ofHours(1));

    @TempDir
    Path top;

    @Test
    void whatIsEmptiedWhileItSettlesKeepsNobodyBusy() throws Exception {
        Path job = Files.writeString(top.resolve("job.img"), "half of it");
        try (Inbox inbox = new Inbox(top, OPTIONS, new Changes())) {
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
