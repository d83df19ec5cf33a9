package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.job.Limits;
import dev.construir.machine.Usage;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.TimedOut;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitTrackerTest {
    private static final Limits LIMITS = Limits.DEFAULT
            .withTotal(Duration.ofSeconds(100))
            .withBoot(Duration.ofSeconds(10))
            .withIdle(Duration.ofSeconds(20))
            .withShutdown(Duration.ofSeconds(5));
    private static final long BEGIN = Long.MAX_VALUE - 50_000_000_000L; // the clock overflows in mid-run

    private final LimitTracker watch = new LimitTracker(LIMITS, BEGIN);

    private static long at(double seconds) {
        return BEGIN + (long) (seconds * 1e9);
    }

    private static Optional<Outcome> timedOut(Limit which, int seconds) {
        return Optional.of(new TimedOut(which, Duration.ofSeconds(seconds)));
    }

    private static Usage usage(Duration cpu, long read) {
        return new Usage(cpu, Optional.empty(), DataSize.ofBytes(read), DataSize.ofBytes(3));
    }

    @Test
    void bootTakesTooLong() {
        assertThat(watch.verdict(at(9.99))).isEmpty();
        assertThat(watch.verdict(at(10))).isEqualTo(timedOut(Limit.BOOT, 10));
        assertThat(watch.untilNext(at(4))).isEqualTo(6_000_000_000L);
    }

    @Test
    void theWholeTakesTooLongHoweverBusy() {
        watch.jobStarted(at(1));
        for (int second = 1; second < 100; second++) {
            watch.sample(at(second), usage(Duration.ofSeconds(second), second), second);
            assertThat(watch.verdict(at(second))).isEmpty();
        }
        assertThat(watch.verdict(at(100))).isEqualTo(timedOut(Limit.TOTAL, 100));
    }

    @Test
    void aJobThatDoesNothingIsIdle() {
        watch.jobStarted(at(1));
        for (int second = 1; second <= 20; second++) {
            watch.sample(at(second), usage(Duration.ofMillis(20L * second), 7), 7);
            assertThat(watch.verdict(at(second))).isEmpty();
        }
        watch.sample(at(21), usage(Duration.ofMillis(420), 7), 7);
        assertThat(watch.verdict(at(21.1))).isEqualTo(timedOut(Limit.IDLE, 20));
    }

    @Test
    void aSilentJobThatComputesIsNotIdle() {
        watch.jobStarted(at(0));
        for (int second = 0; second < 99; second++) {
            watch.sample(at(second), usage(Duration.ofMillis(200L * second), 0), 0);
            assertThat(watch.verdict(at(second))).isEmpty();
        }
    }

    @Test
    void aJobThatOnlyReadsOrOnlyPrintsIsNotIdle() {
        watch.jobStarted(at(0));
        for (int second = 0; second < 99; second++) {
            watch.sample(at(second), usage(Duration.ZERO, second < 50 ? second : 50), second < 50 ? 0 : second);
            assertThat(watch.verdict(at(second))).isEmpty();
        }
    }

    @Test
    void aJobThatOnlyWritesIsNotIdleAndOneThatOnlyTakesMemoryIs() {
        watch.jobStarted(at(0));
        for (int second = 0; second < 60; second++) {
            DataSize grows = DataSize.ofBytes(second);
            watch.sample(at(second), new Usage(Duration.ZERO, Optional.empty(), DataSize.ofBytes(5), grows), 0);
            assertThat(watch.verdict(at(second))).isEmpty();
        }
        DataSize written = DataSize.ofBytes(59);
        for (int second = 60; second < 79; second++) {
            Optional<DataSize> grows = Optional.of(DataSize.ofMebibytes(second));
            watch.sample(at(second), new Usage(Duration.ZERO, grows, DataSize.ofBytes(5), written), 0);
        }
        assertThat(watch.verdict(at(79))).isEqualTo(timedOut(Limit.IDLE, 20));
    }

    @Test
    void aShortIdleLimitLooksBeforeItJudges() {
        LimitTracker hasty = new LimitTracker(LIMITS.withIdle(Duration.ofMillis(50)), BEGIN);
        hasty.jobStarted(at(1));
        assertThat(hasty.wantsSample(at(1.06))).isTrue();
        hasty.sample(at(1.06), Usage.NONE, 1);
        assertThat(hasty.verdict(at(1.06))).isEmpty();
        hasty.sample(at(1.2), Usage.NONE, 1);
        assertThat(hasty.verdict(at(1.2))).isPresent();
    }

    @Test
    void theEndTakesTooLong() {
        watch.jobStarted(at(1));
        watch.jobEnded(at(30));
        assertThat(watch.verdict(at(34.9))).isEmpty();
        assertThat(watch.verdict(at(35))).isEqualTo(timedOut(Limit.SHUTDOWN, 5));
    }

    @Test
    void aLateWordOfTheStartChangesNothing() {
        watch.jobEnded(at(3));
        watch.jobStarted(at(4));
        assertThat(watch.verdict(at(8))).isEqualTo(timedOut(Limit.SHUTDOWN, 5));
    }

    @Test
    void asksForNoSamplesWithoutAnIdleLimit() {
        LimitTracker patient = new LimitTracker(LIMITS.withIdle(Limits.UNLIMITED), BEGIN);
        patient.jobStarted(at(1));
        assertThat(patient.wantsSample(at(50))).isFalse();
        assertThat(patient.verdict(at(99))).isEmpty();
        assertThat(patient.untilNext(at(99))).isEqualTo(1_000_000_000L);
    }

    @Test
    void asksForSamplesOftenEnough() {
        watch.jobStarted(at(1));
        assertThat(watch.wantsSample(at(1))).isTrue();
        watch.sample(at(1), Usage.NONE, 0);
        assertThat(watch.wantsSample(at(2))).isFalse();
        assertThat(watch.untilNext(at(1))).isEqualTo(5_000_000_000L);
        assertThat(watch.wantsSample(at(6))).isTrue();
    }
}
