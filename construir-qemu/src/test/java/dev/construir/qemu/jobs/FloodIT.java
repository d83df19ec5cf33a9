package dev.construir.qemu.jobs;

import static dev.construir.qemu.jobs.RealMachines.script;
import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.RunEvent;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import dev.construir.testing.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests that print binary floods without a newline, to listeners of every kind. */
@Timeout(180)
class FloodIT {
    private static final int PIECE = 1 << 20;

    private static final Duration WITH_THE_STUCK = Duration.ofMillis(200);
    private static final Duration WITH_THE_SLOW = Duration.ofMinutes(1); // on a busy host a call may take a while

    // Prints $1 times 16 MiB of noise.
    private static final String NOISE = "noise=/tmp/noise; mkdir -p /tmp; head -c " + PIECE
            + " /dev/urandom | tr '\\n' x >$noise\n"
            + "set -- $noise $noise $noise $noise; set -- $* $* $* $*; sixteen=$*\n"
            + "print() { n=$1; while [ $n -gt 0 ]; do cat $sixteen; n=$((n-1)); done; }\n";

    @TempDir
    Path scratch;

    private enum Listening {
        NONE,
        SLOWLY,
        THROWING,
        OVERFLOWING;

        void take() {
            switch (this) {
                case NONE -> {}
                case SLOWLY -> LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                case THROWING -> throw new OutOfMemoryError("on purpose");
                case OVERFLOWING -> deeper(1);
            }
        }

        private static int deeper(int depth) {
            return depth == 0 ? 0 : 1 + deeper(depth + 1);
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(RealMachines.machines()).isEmpty();
        assertThat(RealMachines.leftovers(scratch)).isEmpty();
    }

    private static Runner runner(Path scratch, Duration patience) throws Exception {
        return RealMachines.builder(RootImage.in(TestImages.find("tiny")), scratch)
                .listenerPatience(patience)
                .build();
    }

    private static Job flood(String shell) {
        return script(NOISE + shell)
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(2)).withOutput(DataSize.ofGibibytes(2)));
    }

    @ParameterizedTest
    @EnumSource(Listening.class)
    void everyByteIsCountedWhateverTheListenerDoes(Listening how) throws Exception {
        Hearing hearing = new Hearing(PIECE, reached -> how.take());
        RunListener listener = how == Listening.NONE ? RunListener.NONE : hearing;
        try (Runner runner = runner(scratch, WITH_THE_SLOW);
                JobResult result = runner.run(flood("print 3"), listener)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.output().total()).isEqualTo(48L * PIECE);
            if (listener == hearing) {
                assertThat(hearing.wrong()).isNull();
                assertThat(hearing.missed()).isEqualTo(result.droppedOutput());
                assertThat(hearing.heard() + hearing.missed())
                        .isEqualTo(result.output().total());
                assertThat(hearing.last()).isInstanceOf(RunEvent.MachineGone.class);
            }
            if (how == Listening.SLOWLY) { // others may miss some when their host is busy
                assertThat(result.droppedOutput()).isPositive();
            }
        }
    }

    @Test
    void aHostThatReadsSlowlyMissesNothing() throws Exception {
        try (Runner runner = slowRunner(Duration.ofMillis(50));
                JobResult result = runner.run(flood("cat $noise $noise $noise"))) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.output().total()).isEqualTo(3L * PIECE);
        }
    }

    @Test
    void nothingIsMissingOfWhatWasPrintedBeforeAPanicEither() throws Exception {
        String passedOn = "until [ $(wc -c <construir.log) -ge $n ]; do :; done\n";
        try (Runner runner = slowRunner(Duration.ofMillis(400)); // a panic takes its time as well
                JobResult result = runner.run(flood("n=524288; head -c $n $noise\n" + passedOn
                        + "n=524289; printf x\n" + passedOn // by now the port has what came before
                        + "echo c >/proc/sysrq-trigger; sleep 9"))) {
            assertThat(result.outcome()).isInstanceOf(Outcome.GuestCrashed.class);
            assertThat(result.output().total()).isBetween(524288L, 524289L);
        }
    }

    private Runner slowRunner(Duration delay) throws Exception {
        return Runner.builder(
                        new SlowlyRead(RealMachines.hypervisor(scratch), delay), RootImage.in(TestImages.find("tiny")))
                .scratch(scratch.resolve("runs"))
                .hardwareAcceleration(Preference.NEVER)
                .build();
    }

    @Test
    void theConsoleTakesNoiseWithoutLinesToo() throws Exception {
        List<RunEvent> events = new ArrayList<>();
        try (Runner runner = runner(scratch, WITH_THE_SLOW);
                JobResult result = runner.run(flood("cat $noise >/dev/console; printf end"), events::add)) {
            assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
            assertThat(result.console().total()).isBetween((long) PIECE, PIECE + (64L << 10));
            assertThat(result.console().isTruncated()).isTrue();
            assertThat(result.output().text()).isEqualTo("end");
            assertThat(events)
                    .as("the guest's own lines are found all the same")
                    .hasAtLeastOneElementOfType(RunEvent.JobEnded.class);
        }
    }

    @Test
    void theLimitOfTheOutputHoldsForAListenerThatIsStuck() throws Exception {
        DataSize limit = DataSize.ofMebibytes(20);
        try (Runner runner = runner(scratch, WITH_THE_STUCK);
                JobResult result = runner.run(
                        flood("print 1000000").withLimits(Limits.DEFAULT.withOutput(limit)), event -> stuck())) {
            assertThat(result.outcome()).isEqualTo(new Outcome.TooMuchOutput(limit));
            assertThat(result.droppedOutput()).isEqualTo(result.output().total());
        }
    }

    private static void stuck() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aGibibyteDoesNotWaitForAListenerThatIsStuckNorFillTheHeap() throws Exception {
        Path said = scratch.resolve("said");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Gibibyte.class.getName(),
                        scratch.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(jvm.waitFor(150, TimeUnit.SECONDS)).as("has ended").isTrue();
            assertThat(jvm.exitValue()).as(Files.readString(said)).isZero();
        } finally {
            jvm.destroyForcibly();
            Files.delete(said);
        }
    }

    /** A process with a small heap, whose listener hears a quarter of a gibibyte and gets stuck. */
    static final class Gibibyte {
        private static final int SIXTEENS_HEARD = 16;
        private static final int SIXTEENS_NOT_HEARD = 48;

        private Gibibyte() {}

        public static void main(String[] arguments) throws Exception {
            LongConsumer stuckAfterAWhile = reached -> {
                if (reached >= 16L * PIECE * SIXTEENS_HEARD) {
                    stuck();
                }
            };
            Hearing hearing = new Hearing(PIECE, stuckAfterAWhile);
            String shell = "print 1; read a rest </proc/uptime; print " + (SIXTEENS_HEARD - 1)
                    + "; read b rest </proc/uptime; print " + SIXTEENS_NOT_HEARD
                    + "; read c rest </proc/uptime; printf '\\ntimes %s %s %s\\n' $a $b $c >/dev/console";
            try (Runner runner = runner(Path.of(arguments[0]), WITH_THE_STUCK);
                    JobResult result = runner.run(flood(shell), hearing)) {
                assertThat(result.outcome()).isEqualTo(new Outcome.Exited(0));
                assertThat(hearing.wrong()).isNull();
                assertThat(result.output().total()).isEqualTo(1L << 30);
                assertThat(hearing.heard() + result.droppedOutput())
                        .isEqualTo(result.output().total());
                assertThat(result.droppedOutput()).isGreaterThan(700L << 20);
                assertSameSpeed(result.console().text());
            }
        }

        private static void assertSameSpeed(String console) {
            String[] times = console.lines()
                    .filter(line -> line.startsWith("times "))
                    .findFirst()
                    .orElseThrow()
                    .split(" ");
            double heard = Double.parseDouble(times[2]) - Double.parseDouble(times[1]);
            double notHeard = Double.parseDouble(times[3]) - Double.parseDouble(times[2]);
            assertThat(notHeard / SIXTEENS_NOT_HEARD)
                    .as("seconds for 16 MiB that nobody takes")
                    .isLessThan(3 * heard / (SIXTEENS_HEARD - 1));
            System.out.println(heard + " s heard, " + notHeard + " s not heard");
        }
    }
}
