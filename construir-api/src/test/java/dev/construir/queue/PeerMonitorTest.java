package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.ownership.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which processes count as stopped, on a clock that the test sets. */
@Timeout(60)
class PeerMonitorTest {
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final ProcessIdentity SELF = ProcessIdentity.current();

    @TempDir
    Path running;

    private PeerMonitor monitor;
    private Path peer;
    private long now = System.nanoTime();

    @BeforeEach
    void prepare() throws IOException {
        Path own = Files.createDirectory(running.resolve(SELF + "-own"));
        peer = Files.createDirectory(running.resolve("123-456-peer"));
        monitor = new PeerMonitor(running, () -> own, PERIOD, Runnable::run);
        beat(own, 1, Instant.EPOCH);
    }

    private static Heartbeat heartbeat(long beat, Instant at) {
        return new Heartbeat(new ProcessIdentity(123, 456), "elsewhere", "another boot", PERIOD, beat, at, "1:1");
    }

    private void beat(Path owner, long beat, Instant at) {
        new HeartbeatFile(new DurableFileOps(), Runnable::run).write(owner, heartbeat(beat, at));
        setTime(owner, beat);
    }

    private static void setTime(Path owner, long seconds) {
        try {
            Files.setLastModifiedTime(owner.resolve("heartbeat"), FileTime.from(Instant.ofEpochSecond(seconds)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void look(Duration later) {
        now += later.toNanos();
        monitor.look(now);
    }

    private void lookFor(Duration time) {
        for (Duration left = time; !left.isZero(); left = left.minus(PERIOD)) {
            look(PERIOD);
        }
    }

    @Test
    void whoseHeartbeatStaysAsItIsHasStopped() throws Exception {
        Path claim = Files.createDirectory(peer.resolve("1"));
        Files.writeString(claim.resolve("kept.img"), "x");
        beat(peer, 1, Instant.EPOCH);
        look(PERIOD);
        lookFor(PERIOD.multipliedBy(4));
        assertThat(monitor.silent()).isEmpty();
        look(PERIOD);
        assertThat(monitor.silent())
                .containsExactly(new SilentWatcher(123, "elsewhere", PERIOD.multipliedBy(5), List.of("kept")));
        assertThat(monitor.silent(Duration.ofSeconds(11))).isEmpty();
        lookFor(PERIOD);
        assertThat(monitor.silent(Duration.ofSeconds(11))).containsOnlyKeys(peer);
        assertThat(monitor.isStill(peer)).isTrue();
        beat(peer, 2, Instant.EPOCH);
        assertThat(monitor.isStill(peer)).isFalse(); // though no look has noticed
        look(PERIOD);
        assertThat(monitor.silent()).isEmpty();
    }

    @Test
    void noClockOfTheOtherCounts() {
        Instant[] times = {Instant.parse("2200-01-01T00:00:00Z"), Instant.EPOCH, Instant.parse("1931-01-01T00:00:00Z")};
        for (int i = 0; i < 30; i++) {
            beat(peer, i, times[i % times.length]);
            look(PERIOD);
            assertThat(monitor.silent()).isEmpty();
        }
    }

    @Test
    void aMonitorThatWasStoppedTakesNoOtherForStopped() {
        beat(peer, 1, Instant.EPOCH);
        look(PERIOD);
        look(Duration.ofHours(1)); // both were stopped, and the other has not resumed yet
        assertThat(monitor.silent()).isEmpty();
        look(PERIOD);
        assertThat(monitor.silent()).isEmpty();
    }

    @Test
    void aHeartbeatThatCannotBeReadIsASignOfLifeIfItChanges() throws Exception {
        for (int i = 0; i < 20; i++) {
            Files.write(peer.resolve("heartbeat"), new byte[] {(byte) i});
            setTime(peer, 1);
            look(PERIOD);
            assertThat(monitor.silent()).isEmpty();
        }
    }

    @Test
    void aFileThatIsOnlyTouchedIsASignOfLife() {
        beat(peer, 1, Instant.EPOCH);
        for (int i = 0; i < 20; i++) {
            setTime(peer, 100 + i);
            look(PERIOD);
            assertThat(monitor.silent()).isEmpty();
        }
    }

    @Test
    void whoHasNoHeartbeatIsLeftAlone() {
        lookFor(PERIOD.multipliedBy(30));
        assertThat(monitor.silent()).isEmpty();
    }

    @Test
    void theSlowerHeartbeatCounts() {
        Heartbeat slow =
                new Heartbeat(new ProcessIdentity(123, 456), "h", "b", PERIOD.multipliedBy(10), 1, Instant.EPOCH, "");
        new HeartbeatFile(new DurableFileOps(), Runnable::run).write(peer, slow);
        look(PERIOD);
        lookFor(PERIOD.multipliedBy(49));
        assertThat(monitor.silent()).isEmpty();
        assertThat(monitor.silent(PERIOD)).isEmpty();
        look(PERIOD);
        assertThat(monitor.silent()).hasSize(1);
    }

    @Test
    void noPeriodOfAnotherIsBelievedThatNoWatcherHas() throws Exception {
        for (String period : new String[] {"9223372036854775807", "9223372036854775", "3600001", "0", "-1"}) {
            String text = "version=1\nprocess=123-456\nhost=h\nboot=b\nperiod=" + period + "\nbeat=1\n";
            assertThat(Heartbeat.parse(text.getBytes(StandardCharsets.US_ASCII)))
                    .as(period)
                    .isEmpty();
            Files.writeString(peer.resolve("heartbeat"), text);
            look(PERIOD);
            lookFor(PERIOD.multipliedBy(5));
            assertThat(monitor.silent()).as(period).hasSize(1);
        }
    }

    @Test
    void aProcessThatIsKnownToBeDeadHasNotStopped() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path owner = Files.createDirectory(running.resolve(dead.pid() + "-1-dead"));
        ProcessIdentity identity = new ProcessIdentity(dead.pid(), 1);
        new HeartbeatFile(new DurableFileOps(), Runnable::run)
                .write(owner, new Heartbeat(identity, "h", Heartbeat.thisBoot(), PERIOD, 1, Instant.EPOCH, ""));
        look(PERIOD);
        lookFor(PERIOD.multipliedBy(30));
        assertThat(monitor.silent()).isEmpty();
    }

    @Test
    void aHeartbeatIsReadAsItWasWritten() {
        Heartbeat odd =
                new Heartbeat(SELF, "a\nhost=b", Heartbeat.thisBoot(), PERIOD, 7, Instant.now(), "1:2 ".repeat(1000));
        assertThat(odd.bytes()).hasSize(Heartbeat.SIZE);
        Heartbeat read = Heartbeat.parse(odd.bytes()).orElseThrow();
        assertThat(read.process()).isEqualTo(SELF);
        assertThat(read.host()).isEqualTo("a?host=b");
        assertThat(read.beat()).isEqualTo(7);
        assertThat(read.period()).isEqualTo(PERIOD);
        for (String bad : new String[] {"", "version=2\nprocess=1-2\n", "version=1\nprocess=1-2\nperiod=x\nbeat=1\n"}) {
            assertThat(Heartbeat.parse(bad.getBytes(StandardCharsets.US_ASCII)))
                    .as(bad)
                    .isEmpty();
        }
    }
}
