package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.queue.SilentWatcher;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class QueueStatusTest {
    private static QueueStatus running(String... jobs) {
        return new QueueStatus(OptionalInt.of(2), List.of(jobs), 12, 1, List.of());
    }

    @Test
    void status_countsWaitingRunningAndEndedJobs() {
        assertThat(running().text(79)).isEqualTo("2 waiting, 0 running; 12 done, 1 failed");
        assertThat(running(QueueStatus.job("hello", 7, false), QueueStatus.job("zlib", 3723, true))
                        .text(79))
                .isEqualTo("2 waiting, 2 running: hello 0:07, zlib 1:02:03 (waits); 12 done, 1 failed");
        assertThat(new QueueStatus(OptionalInt.empty(), List.of(), 0, 0, List.of()).text(79))
                .isEqualTo("? waiting, 0 running; 0 done, 0 failed");
    }

    @Test
    void watchersThatHaveStoppedAreNamed() {
        SilentWatcher one = new SilentWatcher(123, "host", Duration.ofSeconds(75), List.of("a"));
        SilentWatcher two = new SilentWatcher(45, "host", Duration.ofSeconds(20), List.of());
        assertThat(new QueueStatus(OptionalInt.of(0), List.of(), 1, 2, List.of(one)).text(79))
                .isEqualTo("0 waiting, 0 running; 1 done, 2 failed; pid 123 stopped 1:15");
        assertThat(new QueueStatus(OptionalInt.of(0), List.of(), 1, 2, List.of(two, one)).text(79))
                .isEqualTo("0 waiting, 0 running; 1 done, 2 failed; pid 123 stopped 1:15 +1");
    }

    @Test
    void asManyJobsAreNamedAsFit() {
        QueueStatus many = running(Collections.nCopies(40, "job 0:01").toArray(String[]::new));
        assertThat(many.text(79))
                .isEqualTo("2 waiting, 40 running: job 0:01, job 0:01, job 0:01 +37; 12 done, 1 failed");
        for (int width = 40; width < 500; width++) {
            assertThat(many.text(width)).hasSizeLessThanOrEqualTo(Math.max(40, width));
        }
        assertThat(many.text(500)).contains("job 0:01, job 0:01; 12 done"); // all of them
        assertThat(many.text(10)).isEqualTo("2 waiting, 40 running; 12 done, 1 failed");
    }

    @Test
    void namesAreCutAndShowNoControlCharacters() {
        assertThat(QueueStatus.job("x".repeat(500), 0, false)).isEqualTo("x".repeat(21) + "... 0:00");
        assertThat(QueueStatus.job("a\u001b[2J\nb", -5, false))
                .doesNotContain("\u001b", "\n")
                .endsWith("b 0:00");
    }
}
