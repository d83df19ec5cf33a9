package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.command.RunnerSource;
import dev.construir.image.RootImage;
import dev.construir.job.Limits;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench sandbox}: what sandboxes cost beside the least that a script takes to use a machine. */
@Command(
        name = "sandbox",
        description = {
            "Opens sandboxes, runs commands in them and copies files, in turns with a script that does the same by "
                    + "hand: it resumes machines from the same memory snapshot, and a shell in the guest reads "
                    + "lines from the port that sandboxes use. Reports how long each took. Then runs many commands "
                    + "at once, and reports what they lost and left.",
            ""
        })
final class BenchSandboxCommand implements Callable<Integer> {
    private static final Set<SandboxWork> IN_OWN_MACHINES = EnumSet.of(SandboxWork.OPEN, SandboxWork.FORK);

    private static final SandboxOptions ENDLESS =
            SandboxOptions.DEFAULT.withLimits(Limits.DEFAULT.withOutput(DataSize.ofGibibytes(1 << 20)));

    private final Streams streams;
    private final Environment surroundings;
    private final RunnerSource runners;

    @Mixin
    private final MachineBenchOptions bench;

    @Option(
            names = "--only",
            paramLabel = "WORK",
            split = ",",
            description = "What is measured, with commas between: ${COMPLETION-CANDIDATES}. Default: all of it.")
    private Set<SandboxWork> works = EnumSet.allOf(SandboxWork.class);

    @Option(
            names = "--scale",
            paramLabel = "SHARE",
            description = "How much there is to copy and to run at once, from 0 to 1. Default: ${DEFAULT-VALUE}.")
    private double scale = 1;

    @Option(
            names = "--tree",
            paramLabel = "DIR",
            description = "What is copied in. Default: 250 files of 16,000 bytes, about as much as zlib's sources.")
    private @Nullable Path tree;

    BenchSandboxCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.runners = runners;
        this.bench = new MachineBenchOptions(surroundings, 50, 3);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        bench.check();
        if (!(scale > 0 && scale <= 1)) {
            throw new ConstruirException("there is nothing to measure: --scale " + scale);
        }
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(screen), screen);
    }

    private int measure(Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage image = bench.image();
        Map<SandboxWork, SandboxBenchmarkSuite.Row> rows = new EnumMap<>(SandboxWork.class);
        List<Double> memory = new ArrayList<>();
        String machine;
        SandboxLoad load;
        try (Scratch scratch = Scratch.open(surroundings.memory().resolve("bench"), leftover -> {});
                ScratchDirectory place = scratch.directory("sandbox")) {
            SandboxBenchmarkSuite suite = new SandboxBenchmarkSuite(
                    (warmStart, ready) -> bench.open(runners, image, warmStart, ready),
                    SandboxSamples.scaled(scale, Optional.ofNullable(tree)),
                    place.path(),
                    NativeTool.find("tar", "tar"),
                    bench.warmUp(),
                    bench.runs(),
                    screen);
            if (works.contains(SandboxWork.OPEN)) {
                rows.put(SandboxWork.OPEN, suite.open());
            }
            if (works.contains(SandboxWork.FORK)) {
                rows.put(SandboxWork.FORK, suite.fork(memory));
            }
            try (Runner runner = bench.open(runners, image, Preference.PREFER, 0)) {
                machine = EmptyRun.by(runner).hypervisor();
                try (Sandbox sandbox = Sandbox.open(runner, ENDLESS);
                        ShellLoop loop = ShellLoop.open(runner)) {
                    for (SandboxWork work : works) {
                        if (!IN_OWN_MACHINES.contains(work)) {
                            rows.put(work, suite.running(work, sandbox, loop));
                        }
                    }
                    load = suite.load(sandbox);
                }
            }
            screen.status("");
        }
        report(image, machine, rows, memory, load);
        return 0;
    }

    private void report(
            RootImage image,
            String machine,
            Map<SandboxWork, SandboxBenchmarkSuite.Row> rows,
            List<Double> memory,
            SandboxLoad load)
            throws IOException {
        TextTable table = new TextTable("", "sandbox", "by hand", "ratio", "to reach", "by hand is");
        Map<String, Object> facts = new LinkedHashMap<>();
        rows.forEach((work, row) -> {
            table.add(
                    row.name(),
                    millis(row.sandbox()),
                    millis(row.byHand()),
                    String.format(Locale.ROOT, "%.2f", row.ratio()),
                    String.format(Locale.ROOT, "%.1f", work.most()),
                    work.reference());
            facts.put(work.toString(), json(work, row));
        });
        if (!memory.isEmpty()) {
            table.add("private MiB of forks: "
                    + memory.stream().map(QuantileTable::text).collect(Collectors.joining(", ")));
        }
        load.lines().forEach(table::add);
        bench.report("sandbox", image, machine)
                .with("scale", scale)
                .with("works", facts)
                .with("privateMebibytesOfForks", memory)
                .with("load", load.json())
                .give(
                        streams,
                        "Sandboxes on " + image.name() + ", " + machine + ": medians of " + bench.runs()
                                + " rounds after " + bench.warmUp() + " to warm up; exec and ping ten in each",
                        table,
                        bench.json());
    }

    private static String millis(Samples samples) {
        double median = samples.median();
        return String.format(Locale.ROOT, median < 10 ? "%.2f ms" : "%,.1f ms", median);
    }

    private static Map<String, Object> json(SandboxWork work, SandboxBenchmarkSuite.Row row) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("work", row.name());
        facts.put("reference", work.reference());
        facts.put("ratio", row.ratio());
        facts.put("ratioToReach", work.most());
        facts.put("sandboxMilliseconds", BenchReport.times(row.sandbox()));
        facts.put("byHandMilliseconds", BenchReport.times(row.byHand()));
        return facts;
    }
}
