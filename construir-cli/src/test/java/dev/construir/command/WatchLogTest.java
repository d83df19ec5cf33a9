package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.job.Job;
import dev.construir.machine.Preparation;
import dev.construir.run.Outcome;
import dev.construir.run.RunEvent;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchLogTest {
    private static final Job JOB = Job.script("a", "true");
    private static final String RUN = "job-0123456789ab";
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Terminal files = Terminal.files();
    private Instant now = Instant.parse("2020-02-29T23:59:59.987Z");
    private final WatchLog log = new WatchLog(() -> 3, List::of, 3, new Screen(files.streams()), () -> now, false);

    private List<String> said() {
        List<String> lines = files.err().lines().toList();
        files.err.reset();
        return lines;
    }

    @Test
    void quiet_saysOnlyWhatWentWrong() {
        Terminal one = Terminal.one();
        WatchLog quiet = new WatchLog(() -> 3, List::of, 3, new Screen(one.streams()), () -> now, true);
        quiet.claimed("good", 1);
        quiet.completed("good", new Outcome.Exited(1), List.of(), Duration.ZERO);
        quiet.claimed("bad", 1);
        quiet.rejected("bad", "no disk");
        assertThat(quiet.refresh(now)).isFalse();
        assertThat(one.out().lines()).hasSize(1).first().asString().contains(" failed bad: no disk");
    }

    @Test
    void everyEndIsALine() {
        log.claimed("a job", 2);
        now = now.plusSeconds(61);
        log.completed("a job", new Outcome.Signalled(9), List.of(), Duration.ofSeconds(61));
        log.released("a job");
        log.claimed("b", 1);
        log.completed("b", new Outcome.GuestCrashed(Outcome.Crash.PANIC, "of\n\u001b[2J"), List.of(), Duration.ZERO);
        log.claimed("c", 1);
        log.rejected("c", "no disk");
        log.claimed("d", 2);
        log.failed("d", "no machine");
        log.claimed("d", 3);
        log.failed("d", "no machine");
        log.claimed("e", 3);
        log.givenBack("e", "cancelled");
        log.claimed("f", 1);
        log.released("f");
        log.claimed("g", 1);
        log.lost("g", "another watcher (process id 7) took the job over");
        log.released("g");
        List<String> said = said();
        assertThat(said).hasSize(8).allMatch(line -> line.startsWith("2020-03-01T00:01:00Z "));
        assertThat(said.stream().map(line -> line.substring(21)))
                .contains(
                        "done   a job: killed by signal 9 inside the machine (1 min 1 s, attempt 2)",
                        "failed c: no disk (0 ms, attempt 1)",
                        "retry  d: no machine (0 ms, attempt 2)",
                        "failed d: no machine (0 ms, attempt 3)",
                        "back   e: cancelled (0 ms, attempt 3)",
                        "back   f: interrupted (0 ms, attempt 1)",
                        "lost   g: another watcher (process id 7) took the job over (0 ms, attempt 1)")
                .anyMatch(line -> line.startsWith("failed b: ") && line.endsWith(" (0 ms, attempt 1)"));
        assertThat(log.summary()).isEqualTo("1 done, 3 failed");
    }

    @Test
    void whatIsInTheWayIsSaidAgainOnlyAfterAWhile() {
        for (int i = 0; i < 100; i++) {
            log.waiting("not enough space in /x/run-" + i + ": " + i + ".5M free", PAUSE);
            log.claimed("a", 1);
            log.givenBack("a", "no machine");
        }
        assertThat(said()).hasSize(2);
        log.waiting("something else", PAUSE);
        assertThat(said()).containsExactly("2020-02-29T23:59:59Z wait   something else");
        now = now.plus(Duration.ofMinutes(10));
        log.waiting("something else", PAUSE);
        log.waiting("something else", PAUSE);
        assertThat(said()).hasSize(1);
        log.completed("b", new Outcome.Exited(0), List.of(), Duration.ZERO); // it is over
        log.waiting("something else", PAUSE);
        assertThat(said()).hasSize(2);
    }

    @Test
    void theLiveLineTellsWhichJobsWaitForOthers() {
        Terminal one = Terminal.one();
        WatchLog live = new WatchLog(() -> 0, List::of, 3, new Screen(one.streams()), () -> now, false);
        live.claimed("a", 1);
        live.ran("a", new RunEvent.Waiting(now, JOB, RUN, "its turn"));
        assertThat(one.out()).isEqualTo("2020-02-29T23:59:59Z wait   a: waits for its turn\n");
        one.out.reset();
        live.refresh(now.plusSeconds(5));
        assertThat(one.out()).isEqualTo("0 waiting, 1 running: a 0:05 (waits); 0 done, 0 failed");
        live.ran("a", new RunEvent.Preparing(now, JOB, RUN, Preparation.of(Preparation.Stage.BOOTING, "a machine")));
        assertThat(one.out()).contains("wait   a: waits for a warm start to be prepared, once: booting a machine\n");
        live.ran(
                "a",
                new RunEvent.Preparing(
                        now,
                        JOB,
                        RUN,
                        Preparation.of(Preparation.Stage.BOOTING, "a machine").withFraction(0.5)));
        assertThat(one.out().lines().filter(line -> line.contains("booting a machine")))
                .hasSize(1);
        one.out.reset();
        live.refresh(now.plusSeconds(6));
        assertThat(one.out()).contains("1 running: a 0:06;");
    }

    @Test
    void theLiveLineTellsOfTwoJobsOfOneName() throws Exception {
        Terminal one = Terminal.one();
        WatchLog live = new WatchLog(() -> 3, List::of, 3, new Screen(one.streams()), () -> now, false);
        live.claimed("a", 1);
        Thread other = new Thread(() -> live.claimed("a", 1));
        other.start();
        other.join();
        assertThat(live.refresh(now.plusSeconds(5))).isTrue();
        assertThat(one.out()).isEqualTo("3 waiting, 2 running: a 0:05, a 0:05; 0 done, 0 failed");
        live.completed("a", new Outcome.Exited(0), List.of(), Duration.ZERO);
        one.out.reset();
        assertThat(live.refresh(now.plusSeconds(6))).isTrue();
        assertThat(one.out()).isEqualTo("\r3 waiting, 1 running: a 0:06; 1 done, 0 failed\u001b[K");
        live.end();
        one.out.reset();
        assertThat(live.refresh(now.plusSeconds(7))).isFalse();
        assertThat(one.out()).isEmpty();
    }

    @Test
    void aQueueThatCannotBeCountedIsLookedAtAgainLater() {
        Terminal one = Terminal.one();
        List<Instant> counted = new ArrayList<>();
        WatchLog.Waiting gone = () -> {
            counted.add(now);
            throw new IOException("gone");
        };
        WatchLog live = new WatchLog(gone, List::of, 3, new Screen(one.streams()), () -> now, false);
        for (int i = 0; i < 10; i++) {
            assertThat(live.refresh(now.plusMillis(500L * i))).isTrue();
        }
        assertThat(one.out()).startsWith("? waiting, 0 running; ");
        assertThat(counted).hasSize(3); // at 0 s, 2 s and 4 s
    }
}
