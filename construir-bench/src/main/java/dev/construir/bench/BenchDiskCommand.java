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
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench disk}: the library's work on disks against that of the native tools. */
@Command(
        name = "disk",
        description = {
            "Does the same work on disks by the library and by the native tools, in turns, and reports how long "
                    + "each took. The "
                    + "library works in this process, whose start is not counted; of a tool its whole process is. "
                    + "All files are in "
                    + "memory: no work waits for a disk.",
            ""
        })
final class BenchDiskCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(
            names = "--only",
            paramLabel = "WORK",
            split = ",",
            description = "What is measured, with commas between: ${COMPLETION-CANDIDATES}. Default: all of it.")
    private Set<DiskWork> works = EnumSet.allOf(DiskWork.class);

    @Mixin
    private final DiskBenchOptions bench;

    BenchDiskCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.bench = new DiskBenchOptions(surroundings, 7, 3);
    }

    private record Row(DiskBenchmark contest, Rounds.Result times) {}

    @Override
    public Integer call() throws ConstruirException, IOException {
        Rounds rounds = bench.rounds();
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(rounds, screen), screen);
    }

    private int measure(Rounds rounds, Screen screen) throws ConstruirException, IOException, InterruptedException {
        DiskSamples samples = DiskSamples.scaled(bench.scale());
        Map<DiskWork, Row> rows = new LinkedHashMap<>();
        StartupCost starts;
        String type;
        try (Scratch place = Scratch.open(bench.scratch().resolve("bench"), leftover -> {})) {
            try (ScratchDirectory directory = place.directory("starts")) {
                type = Files.getFileStore(directory.path()).type();
                starts = StartupCost.measure(directory.path(), rounds.pairs());
            }
            for (DiskWork work : works) {
                screen.status("preparing " + work);
                try (ScratchDirectory directory = place.directory(work.toString())) {
                    DiskBenchmark contest = new DiskBenchmarkSuite(directory.path(), samples).prepare(work);
                    rows.put(work, new Row(contest, contest.measure(rounds, directory.path(), screen)));
                }
            }
            screen.status("");
        }
        report(rounds, rows, starts, type);
        return 0;
    }

    private void report(Rounds rounds, Map<DiskWork, Row> rows, StartupCost starts, String type) throws IOException {
        TextTable table = new TextTable("", "library", "tool", "ratio", "heap", "tool is");
        rows.values()
                .forEach(row -> table.add(
                        row.contest().work(),
                        String.format(
                                Locale.ROOT, "%.0f ms", row.times().library().median()),
                        String.format(Locale.ROOT, "%.0f ms", row.times().tool().median()),
                        String.format(Locale.ROOT, "%.2f", row.times().ratio()),
                        Formats.bytes(row.times().peak()),
                        row.contest().reference()));
        long maxHeap = Runtime.getRuntime().maxMemory();
        String heading = String.format(
                Locale.ROOT,
                "Medians of %d pairs after %d to warm up; files on %s; a heap of %s at most%n"
                        + "Not counted: Java starts in %.0f ms. Counted: debugfs starts in %.0f ms.",
                rounds.pairs(),
                rounds.warmUp(),
                type,
                Formats.bytes(maxHeap),
                starts.java().median(),
                starts.tool().median());
        Map<String, Object> works = new LinkedHashMap<>();
        rows.forEach((work, row) -> works.put(work.toString(), json(row)));
        new BenchReport("disk")
                .with("pairs", rounds.pairs())
                .with("warmUp", rounds.warmUp())
                .with("scale", bench.scale())
                .with("fileSystem", type)
                .with("maxHeapBytes", maxHeap)
                .with("javaStartMilliseconds", BenchReport.times(starts.java()))
                .with("toolStartMilliseconds", BenchReport.times(starts.tool()))
                .with("works", works)
                .give(streams, heading, table, bench.json());
    }

    private static Map<String, Object> json(Row row) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("work", row.contest().work());
        facts.put("reference", row.contest().reference());
        facts.put("ratio", row.times().ratio());
        facts.put("peakHeapBytes", row.times().peak());
        facts.put("libraryMilliseconds", BenchReport.times(row.times().library()));
        facts.put("toolMilliseconds", BenchReport.times(row.times().tool()));
        return facts;
    }
}
