package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.command.Backends;
import dev.construir.command.BudgetLimits;
import dev.construir.command.PluginOption;
import dev.construir.command.RunnerSource;
import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.run.Timings;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench backends}: how much more time one backend takes for the same job than another. */
@Command(
        name = "backends",
        description = {
            "Runs a job that does nothing by one backend and by another, in turns, so that whatever else the host "
                    + "does meets both "
                    + "alike, and reports how long each took and the median of the differences within pairs.",
            ""
        })
final class BenchBackendsCommand implements Callable<Integer> {
    private static final Map<String, Function<Timings, Duration>> PHASES = phases();

    private final Streams streams;
    private final Environment surroundings;
    private final RunnerSource runners;

    @Mixin
    private final BenchOptions bench = new BenchOptions(20, 2);

    @Option(names = "--root", paramLabel = "IMAGE", description = "What machines boot. Default: the tiny image.")
    private @Nullable Path root;

    @Option(
            names = "--base",
            paramLabel = "NAME[:URI]",
            description = "The backend that is compared with. Default: ${DEFAULT-VALUE}.")
    private String base = Backends.DEFAULT;

    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description = "The other one. Default: ${DEFAULT-VALUE}.")
    private String other = "libvirt";

    @Mixin
    private final PluginOption plugins = new PluginOption();

    @Option(
            names = "--accelerator",
            paramLabel = "never|prefer|require",
            description = "Whether hardware virtualisation is used. Default: prefer.")
    private Preference accelerator = Preference.PREFER;

    BenchBackendsCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.runners = runners;
    }

    /** A run by each of both. */
    private record Pair(Timings base, Timings other) {
        double difference(Function<Timings, Duration> phase) {
            return QuantileTable.millis(phase.apply(other)) - QuantileTable.millis(phase.apply(base));
        }
    }

    private static Map<String, Function<Timings, Duration>> phases() {
        Map<String, Function<Timings, Duration>> phases = new LinkedHashMap<>();
        phases.put("the whole run", Timings::total);
        phases.put("  preparing", Timings::preparing);
        phases.put("  booting", Timings::booting);
        phases.put("  job", Timings::job);
        phases.put("  shutting down", Timings::shutdown);
        return phases;
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        bench.rounds().check(1);
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(bench.rounds(), screen), screen);
    }

    private int measure(Rounds rounds, Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage image = RootImage.at(root == null ? surroundings.image("tiny") : root);
        List<Pair> pairs = new ArrayList<>();
        try (Runner one = open(base, image);
                Runner two = open(other, image)) {
            for (int i = 0; i < rounds.warmUp() + rounds.pairs(); i++) {
                screen.status("pair " + (i + 1) + " of " + (rounds.warmUp() + rounds.pairs()));
                Pair pair =
                        new Pair(EmptyRun.by(one).timings(), EmptyRun.by(two).timings());
                if (i >= rounds.warmUp()) {
                    pairs.add(pair);
                }
            }
            screen.status("");
        }
        report(image, rounds, pairs);
        return 0;
    }

    private Runner open(String hypervisor, RootImage image) throws ConstruirException {
        return runners.open(new RunnerSource.Choice(
                hypervisor,
                plugins.plugins(),
                image,
                accelerator,
                Preference.NEVER,
                0,
                BudgetLimits.DEFAULT,
                surroundings.scratch()));
    }

    private void report(RootImage image, Rounds rounds, List<Pair> pairs) throws IOException {
        TextTable table = new TextTable("", base, other, "difference", "p10", "p90");
        Map<String, Object> millis = new LinkedHashMap<>();
        PHASES.forEach((name, phase) -> {
            Samples ours = samples(pairs, pair -> QuantileTable.millis(phase.apply(pair.base())));
            Samples theirs = samples(pairs, pair -> QuantileTable.millis(phase.apply(pair.other())));
            Samples differences = samples(pairs, pair -> pair.difference(phase));
            table.add(
                    name,
                    text(ours.median()),
                    text(theirs.median()),
                    text(differences.median()),
                    text(differences.quantile(0.1)),
                    text(differences.quantile(0.9)));
            millis.put(
                    name.strip(),
                    Map.of(
                            "base", BenchReport.times(ours),
                            "other", BenchReport.times(theirs),
                            "differences", BenchReport.times(differences)));
        });
        String heading = "The empty job on " + image.name() + ": medians of " + rounds.pairs() + " pairs after "
                + rounds.warmUp() + " to warm up, in ms";
        new BenchReport("backends")
                .with("image", image.name())
                .with("base", base)
                .with("other", other)
                .with("warmUp", rounds.warmUp())
                .with("pairs", rounds.pairs())
                .with("milliseconds", millis)
                .give(streams, heading, table, bench.json());
    }

    private static Samples samples(List<Pair> pairs, Function<Pair, Double> value) {
        return Samples.of(pairs.stream().map(value).toList());
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
