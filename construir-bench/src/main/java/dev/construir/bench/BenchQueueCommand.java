package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench queue}: how much time the queue adds to that of the machines. */
@Command(
        name = "queue",
        description = {
            "Reports how long it takes from a job's rename into queue/ until a machine is asked for, and how long a "
                    + "queue of many "
                    + "jobs takes whose machines take no time, against a bare loop that makes the same renames "
                    + "and waits for the disk as often. "
                    + "Both serve one job at a time, in turns.",
            ""
        })
final class BenchQueueCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Jobs in the queue that is served. Default: ${DEFAULT-VALUE}.")
    private int jobs = 10_000;

    @Option(
            names = "--starts",
            paramLabel = "N",
            description = "Jobs whose start is measured. Default: ${DEFAULT-VALUE}.")
    private int starts = 50;

    @Mixin
    private final BenchOptions bench = new BenchOptions(3, 1);

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where the queues are, which decides how long the disk takes. Default: where runs have their "
                    + "scratch.")
    private @Nullable Path scratch;

    private final Path defaultScratch;

    BenchQueueCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.defaultScratch = surroundings.scratch();
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Rounds rounds = bench.rounds();
        if (jobs < 1 || starts < 1 || rounds.pairs() < 1 || rounds.warmUp() < 0) {
            throw new ConstruirException("there is nothing to measure: --jobs " + jobs + " --starts " + starts
                    + " --pairs " + rounds.pairs() + " --warm-up " + rounds.warmUp());
        }
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(rounds, screen), screen);
    }

    private int measure(Rounds rounds, Screen screen) throws ConstruirException, IOException, InterruptedException {
        Path root = scratch == null ? defaultScratch : scratch;
        Samples latencies;
        Rounds.Result times;
        String fileSystem;
        try (Scratch place = Scratch.open(root.resolve("bench"), leftover -> {})) {
            try (ScratchDirectory directory = place.directory("starts")) {
                screen.status("starting " + starts + " jobs");
                fileSystem = Files.getFileStore(directory.path()).type();
                latencies = Samples.of(new QueuePass(directory.path()).starts(starts));
            }
            try (ScratchDirectory directory = place.directory("jobs")) {
                times = rounds.measure(
                        "serving " + jobs + " jobs",
                        empty -> new QueuePass(empty).library(jobs),
                        empty -> new QueuePass(empty).bare(jobs),
                        directory.path(),
                        screen);
            }
            screen.status("");
        }
        report(rounds, latencies, times, fileSystem);
        return 0;
    }

    private void report(Rounds rounds, Samples latencies, Rounds.Result times, String fileSystem) throws IOException {
        TextTable table = new TextTable("", "median", "against", "ratio");
        table.add(
                "rename into queue/ to machine asked for",
                String.format(Locale.ROOT, "%.1f ms (p90 %.1f)", latencies.median(), latencies.quantile(0.9)));
        table.add(
                String.format(Locale.ROOT, "%,d jobs", jobs),
                String.format(Locale.ROOT, "%,.0f ms", times.library().median()),
                String.format(Locale.ROOT, "%,.0f ms, a bare loop", times.tool().median()),
                String.format(Locale.ROOT, "%.2f", times.ratio()));
        long maxHeap = Runtime.getRuntime().maxMemory();
        String heading = String.format(
                Locale.ROOT,
                "Medians of %d starts, and of %d pairs after %d to warm up; files on %s; a heap of %s at most, of "
                        + "which %s were used",
                starts,
                rounds.pairs(),
                rounds.warmUp(),
                fileSystem,
                Formats.bytes(maxHeap),
                Formats.bytes(times.peak()));
        new BenchReport("queue")
                .with("jobs", jobs)
                .with("pairs", rounds.pairs())
                .with("warmUp", rounds.warmUp())
                .with("fileSystem", fileSystem)
                .with("maxHeapBytes", maxHeap)
                .with("peakHeapBytes", times.heap().sorted())
                .with("startMilliseconds", BenchReport.times(latencies))
                .with("libraryMilliseconds", BenchReport.times(times.library()))
                .with("bareMilliseconds", BenchReport.times(times.tool()))
                .with("ratio", times.ratio())
                .give(streams, heading, table, bench.json());
    }
}
