package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code construir bench queue}: what the queue takes besides the machines. */
@Command(
        name = "queue",
        description = {
            "Tells how long it takes from a job's rename into queue/ until a machine is asked for, and how long a queue of many "
                    + "jobs takes whose machines take no time, against a bare loop that makes the same renames and waits for the disk as often. "
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

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "How often each side is measured. Default: ${DEFAULT-VALUE}.")
    private int pairs = 3;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "How often each side does the work before, unmeasured. Default: ${DEFAULT-VALUE}.")
    private int warmUp = 1;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description =
                    "Where the queues are, which tells how long is waited for the disk. Default: where runs have their scratch.")
    private @Nullable Path scratch;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures to a file as well.")
    private @Nullable Path json;

    private final Path defaultScratch;

    BenchQueueCommand(Streams streams, Surroundings surroundings) {
        this.streams = streams;
        this.defaultScratch = surroundings.scratch();
    }

    /** What was measured. */
    private record Figures(Samples starts, Samples library, Samples bare, Samples heap, String fileSystem) {
        double ratio() {
            return library.median() / bare.median();
        }
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        if (jobs < 1 || starts < 1 || pairs < 1 || warmUp < 0) {
            throw new ConstruirException("there is nothing to measure: --jobs " + jobs + " --starts " + starts
                    + " --pairs " + pairs + " --warm-up " + warmUp);
        }
        Screen screen = new Screen(streams);
        return Interruption.ends(() -> measure(screen), screen);
    }

    private int measure(Screen screen) throws ConstruirException, IOException, InterruptedException {
        Path root = scratch == null ? defaultScratch : scratch;
        try (Scratch place = Scratch.open(root.resolve("bench"), leftover -> {})) {
            report(measure(place, screen));
        }
        return 0;
    }

    private Figures measure(Scratch place, Screen screen) throws ConstruirException, IOException, InterruptedException {
        Samples latencies;
        String fileSystem;
        try (ScratchDirectory directory = place.directory("starts")) {
            screen.status("starting " + starts + " jobs");
            fileSystem = Files.getFileStore(directory.path()).type();
            latencies = Samples.of(new QueuePass(directory.path()).starts(starts));
        }
        HeapPeak heap = new HeapPeak();
        List<Double> library = new ArrayList<>();
        List<Double> bare = new ArrayList<>();
        List<Double> peaks = new ArrayList<>();
        for (int i = 0; i < warmUp + pairs; i++) {
            screen.status("serving " + jobs + " jobs: " + (i + 1) + " of " + (warmUp + pairs));
            heap.reset();
            double ours;
            try (ScratchDirectory directory = place.directory("library")) {
                ours = new QueuePass(directory.path()).library(jobs);
            }
            double peak = heap.bytes();
            double theirs;
            try (ScratchDirectory directory = place.directory("bare")) {
                theirs = new QueuePass(directory.path()).bare(jobs);
            }
            if (i >= warmUp) {
                library.add(ours);
                bare.add(theirs);
                peaks.add(peak);
            }
        }
        screen.status("");
        return new Figures(latencies, Samples.of(library), Samples.of(bare), Samples.of(peaks), fileSystem);
    }

    private void report(Figures figures) throws IOException {
        TextTable table = new TextTable("", "median", "against", "ratio");
        table.add(
                "rename into queue/ to machine asked for",
                String.format(
                        Locale.ROOT,
                        "%.1f ms (p90 %.1f)",
                        figures.starts().median(),
                        figures.starts().quantile(0.9)));
        table.add(
                String.format(Locale.ROOT, "%,d jobs", jobs),
                String.format(Locale.ROOT, "%,.0f ms", figures.library().median()),
                String.format(
                        Locale.ROOT, "%,.0f ms, a bare loop", figures.bare().median()),
                String.format(Locale.ROOT, "%.2f", figures.ratio()));
        long maxHeap = Runtime.getRuntime().maxMemory();
        String heading = String.format(
                Locale.ROOT,
                "Medians of %d starts, and of %d pairs after %d to warm up; files on %s; a heap of %s at most, of which %s were used",
                starts,
                pairs,
                warmUp,
                figures.fileSystem(),
                Texts.bytes(maxHeap),
                Texts.bytes((long) figures.heap().quantile(1)));
        new BenchReport("queue")
                .with("jobs", jobs)
                .with("pairs", pairs)
                .with("warmUp", warmUp)
                .with("fileSystem", figures.fileSystem())
                .with("maxHeapBytes", maxHeap)
                .with("peakHeapBytes", figures.heap().sorted())
                .with("startMilliseconds", BenchReport.times(figures.starts()))
                .with("libraryMilliseconds", BenchReport.times(figures.library()))
                .with("bareMilliseconds", BenchReport.times(figures.bare()))
                .with("ratio", figures.ratio())
                .give(streams, heading, table, json);
    }
}
