package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressOptions.Digests;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench xz}: how the library compresses disks, against xz. */
@Command(
        name = "xz",
        description = {
            "Compresses the same disks by the library and by xz, in turns, and reports how long each took and how "
                    + "large its file is. The "
                    + "disks hold files of this host. The library works in this process, whose start is not "
                    + "counted; of xz its whole "
                    + "process is. All files are in memory: no work waits for a disk.",
            ""
        })
final class BenchXzCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(
            names = "--only",
            paramLabel = "WORK",
            split = ",",
            description = "What is measured, with commas between: ${COMPLETION-CANDIDATES}. Default: all of it.")
    private Set<XzWork> works = EnumSet.allOf(XzWork.class);

    @Mixin
    private final DiskBenchOptions bench;

    @Option(
            names = "--preset",
            paramLabel = "N",
            description = "How hard both sides try, from 0 to 9; but against the large disk's, xz tries by 6. Default: "
                    + "${DEFAULT-VALUE}.")
    private int preset = CompressOptions.DEFAULT.preset();

    @Option(
            names = "--block-size",
            paramLabel = "SIZE",
            description = "How much the library compresses by itself; xz does so on the first disk only. Default: "
                    + "${DEFAULT-VALUE}.")
    private DataSize blockSize = CompressOptions.DEFAULT.blockSize();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many threads compress on each side. Default: one for each processor.")
    private int threads = CompressOptions.DEFAULT.threads();

    @Option(
            names = "--digests",
            description = "The library computes the SHA-256 of the disk and of its file as well, as the queue does.")
    private boolean digests;

    BenchXzCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.bench = new DiskBenchOptions(surroundings, 3, 1);
    }

    /** What was measured of one work. */
    private record Row(DiskBenchmark contest, Rounds.Result times, long librarySize, long toolSize) {
        double sizeRatio() {
            return (double) librarySize / toolSize;
        }
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Rounds rounds = bench.rounds();
        CompressOptions options = options();
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(rounds, options, screen), screen);
    }

    private CompressOptions options() throws ConstruirException {
        try {
            return CompressOptions.DEFAULT
                    .withPreset(preset)
                    .withBlockSize(blockSize)
                    .withThreads(threads)
                    .withDigests(digests ? Digests.SHA256 : Digests.NONE);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e);
        }
    }

    private int measure(Rounds rounds, CompressOptions options, Screen screen)
            throws ConstruirException, IOException, InterruptedException {
        Map<XzWork, Row> rows = new LinkedHashMap<>();
        try (Scratch place = Scratch.open(bench.scratch().resolve("bench"), leftover -> {})) {
            for (XzWork work : works) {
                screen.status("preparing " + work);
                try (ScratchDirectory directory = place.directory(work.toString())) {
                    XzBenchmark prepared = new XzBenchmark(directory.path(), bench.scale(), options);
                    DiskBenchmark contest = prepared.prepare(work);
                    Rounds.Result times = contest.measure(rounds, directory.path(), screen);
                    rows.put(work, new Row(contest, times, prepared.librarySize(), prepared.toolSize()));
                }
            }
            screen.status("");
        }
        report(rounds, rows, options);
        return 0;
    }

    private void report(Rounds rounds, Map<XzWork, Row> rows, CompressOptions options) throws IOException {
        TextTable table =
                new TextTable("", "library", "tool", "ratio", "library's file", "tool's", "ratio", "heap", "tool is");
        rows.values()
                .forEach(row -> table.add(
                        row.contest().work(),
                        String.format(
                                Locale.ROOT, "%.2f s", row.times().library().median() / 1000),
                        String.format(Locale.ROOT, "%.2f s", row.times().tool().median() / 1000),
                        String.format(Locale.ROOT, "%.3f", row.times().ratio()),
                        String.format(Locale.ROOT, "%.2f MB", row.librarySize() / 1e6),
                        String.format(Locale.ROOT, "%.2f MB", row.toolSize() / 1e6),
                        String.format(Locale.ROOT, "%.3f", row.sizeRatio()),
                        Formats.bytes(row.times().peak()),
                        row.contest().reference()));
        String heading = String.format(
                Locale.ROOT,
                "Medians of %d pairs after %d to warm up; the library with preset %d, blocks of %s, %d threads%s, "
                        + "and a memory of %s at most",
                rounds.pairs(),
                rounds.warmUp(),
                options.preset(),
                options.blockSize(),
                options.threads(),
                digests ? ", SHA-256 of both files" : "",
                options.memory());
        Map<String, Object> facts = new LinkedHashMap<>();
        rows.forEach((work, row) -> facts.put(work.toString(), json(row)));
        new BenchReport("xz")
                .with("pairs", rounds.pairs())
                .with("warmUp", rounds.warmUp())
                .with("scale", bench.scale())
                .with("preset", options.preset())
                .with("blockSize", options.blockSize().bytes())
                .with("threads", options.threads())
                .with("digests", digests)
                .with("works", facts)
                .give(streams, heading, table, bench.json());
    }

    private static Map<String, Object> json(Row row) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("work", row.contest().work());
        facts.put("reference", row.contest().reference());
        facts.put("ratio", row.times().ratio());
        facts.put("sizeRatio", row.sizeRatio());
        facts.put("librarySize", row.librarySize());
        facts.put("toolSize", row.toolSize());
        facts.put("peakHeapBytes", row.times().peak());
        facts.put("libraryMilliseconds", BenchReport.times(row.times().library()));
        facts.put("toolMilliseconds", BenchReport.times(row.times().tool()));
        return facts;
    }
}
