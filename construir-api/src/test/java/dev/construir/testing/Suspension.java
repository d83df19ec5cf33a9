package dev.construir.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is stopped in the midst of its job and goes on later, as when its host sleeps. The job records what
 * its clock says by the time since the boot, which stands while the machine does, and tries again and again whether a
 * certificate is valid that becomes so meanwhile.
 */
public final class Suspension {
    private static final Duration LENGTH = Duration.ofSeconds(10);
    /** The guest has that long to notice, by its own time. */
    private static final double NOTICED = 1;
    /** The RTC counts whole seconds, from a moment within one. */
    private static final double RIGHT = 2;

    private static final String JOB = """
            exec bash -c '
            tell() { read -r up rest </proc/uptime; echo "$1 $up $EPOCHREALTIME"; }
            printf "%s\\n" "[ca]" default_ca=c "[c]" database=known new_certs_dir=. rand_serial=yes default_md=sha256 policy=p "[p]" \\
                commonName=supplied >ca.conf
            : >known
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -subj /CN=later -out request 2>log || exit 2
            openssl ca -config ca.conf -batch -notext -selfsign -keyfile key -in request -out later -days 1 \\
                -startdate $(date -u -d "6 seconds" +%y%m%d%H%M%SZ) 2>log || exit 3
            tell made
            (until tell try && openssl verify -CAfile later later >/dev/null 2>&1; do :; done; tell valid; : >valid) &
            left=20
            while [ $left -gt 0 ]; do
                tell tick
                [ ! -e valid ] || left=$((left - 1))
                sleep 0.1
            done'
            """;

    private Suspension() {}

    /** Stops a machine, or has it go on. */
    @FunctionalInterface
    public interface Act {
        /**
         * Does it.
         *
         * @throws Exception if it cannot be done
         */
        void perform() throws Exception;
    }

    /**
     * Runs a job, stops its machine, and checks what it saw.
     *
     * @param runner runs jobs on the image {@code debian}; no other machine of it may run
     * @param stop stops the machine
     * @param goOn has it go on
     * @throws Exception if something fails
     */
    public static void check(Runner runner, Act stop, Act goOn) throws Exception {
        Job job = Job.script("suspended", JOB)
                .withResources(Resources.DEFAULT)
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(4)));
        Recorder recorder = new Recorder();
        List<Line> seen = new ArrayList<>();
        try (Run run = runner.start(job, recorder::on)) {
            recorder.await("made", seen);
            stop.perform();
            Instant stopped = Instant.now();
            await().pollInterval(Duration.ofMillis(10))
                    .atMost(LENGTH.multipliedBy(2))
                    .until(() -> Duration.between(stopped, Instant.now()).compareTo(LENGTH) >= 0);
            recorder.lines.drainTo(seen);
            goOn.perform();
            JobResult result = run.await();
            assertThat(result.outcome()).as(result.output().text()).isEqualTo(new Outcome.Exited(0));
        }
        List<Line> later = new ArrayList<>();
        recorder.lines.drainTo(later);
        check(seen, later);
        assertThat(seen).noneMatch(line -> line.what.equals("valid"));
    }

    private static void check(List<Line> before, List<Line> later) {
        String record = before + "\n" + later;
        double wentOn = later.get(0).uptime;
        // What arrived fastest says best by how much the host's clock is ahead of the time since the boot.
        double ahead = later.stream()
                .mapToDouble(line -> line.arrived - line.uptime)
                .min()
                .orElseThrow();
        List<Line> noticed =
                later.stream().filter(line -> line.uptime >= wentOn + NOTICED).toList();
        assertThat(noticed).as(record).hasSizeGreaterThan(10);
        assertThat(noticed)
                .as(record)
                .allSatisfy(line -> assertThat(line.clock - line.uptime - ahead).isBetween(-RIGHT, RIGHT));
        // Whatever was tried from then on was right at the first try.
        assertThat(later.stream().filter(line -> line.what.equals("valid")))
                .as(record)
                .hasSize(1);
        assertThat(noticed.stream().filter(line -> line.what.equals("try")).count())
                .as(record)
                .isLessThanOrEqualTo(1);
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    /** What the job says: its times, and when it arrived here. */
    private record Line(String what, double uptime, double clock, double arrived) {
        static Line of(String text, Instant arrived) {
            String[] words = text.split(" ");
            return new Line(words[0], Double.parseDouble(words[1]), Double.parseDouble(words[2]), seconds(arrived));
        }
    }

    /** Takes down the lines of a job as they come. */
    private static final class Recorder {
        final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
        private final StringBuilder unfinished = new StringBuilder();

        void on(RunEvent event) {
            if (event instanceof RunEvent.Output output) {
                Instant arrived = Instant.now();
                unfinished.append(
                        StandardCharsets.US_ASCII.decode(output.bytes().duplicate()));
                for (int end = unfinished.indexOf("\n"); end >= 0; end = unfinished.indexOf("\n")) {
                    lines.add(Line.of(unfinished.substring(0, end), arrived));
                    unfinished.delete(0, end + 1);
                }
            }
        }

        void await(String what, List<Line> seen) throws InterruptedException {
            @Nullable Line line;
            do {
                line = lines.poll(3, TimeUnit.MINUTES);
                assertThat(line).as("after %s", seen).isNotNull();
                seen.add(line);
            } while (!line.what.equals(what));
        }
    }
}
