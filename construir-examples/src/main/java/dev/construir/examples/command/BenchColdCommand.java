package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Policy;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code construir bench cold}: how much time the library takes for a job besides what the machine itself takes. */
@Command(
        name = "cold",
        description = {
            "Runs a job that does nothing, many times, one after the other, each in a machine booted for it, and tells how long "
                    + "it took: the call of run(), the hypervisor's process within it from its start to its end, and the "
                    + "difference between both, which is what the library adds.",
            ""
        })
final class BenchColdCommand implements Callable<Integer> {
    private final Streams streams;
    private final Surroundings surroundings;
    private final RunnerSource runners;

    @Option(names = "--runs", paramLabel = "N", description = "Runs that are measured. Default: ${DEFAULT-VALUE}.")
    private int runs = 30;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "Runs before them that are not measured. Default: ${DEFAULT-VALUE}.")
    private int warmUp = 5;

    @Option(names = "--root", paramLabel = "IMAGE", description = "What machines boot. Default: the tiny image.")
    private @Nullable Path root;

    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description = "What runs the machines. Default: ${DEFAULT-VALUE}.")
    private String hypervisor = Backends.DEFAULT;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures to a file as well.")
    private @Nullable Path json;

    BenchColdCommand(Streams streams, Surroundings surroundings, RunnerSource runners) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.runners = runners;
    }

    /** One measured run. */
    private record Measured(Instant begin, Duration wall, JobResult result) {}

    @Override
    public Integer call() throws ConstruirException, IOException {
        if (runs < 1 || warmUp < 0) {
            throw new ConstruirException("there is nothing to measure: --runs " + runs + " --warm-up " + warmUp);
        }
        Screen screen = new Screen(streams);
        return Interruption.ends(() -> measure(screen), screen);
    }

    private int measure(Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage image = RootImage.at(root == null ? surroundings.image("tiny") : root);
        Job empty = Job.script("empty", ":");
        List<Measured> measured = new ArrayList<>();
        List<ProcessTimes.Lifetime> lifetimes;
        try (ProcessTimes processes = ProcessTimes.record();
                Runner runner = runners.open(new RunnerSource.Choice(
                        hypervisor, image, Policy.PREFER, Policy.NEVER, surroundings.scratch()))) {
            for (int i = 0; i < warmUp + runs; i++) {
                screen.status("run " + (i + 1) + " of " + (warmUp + runs));
                Measured one = run(runner, empty);
                if (i >= warmUp) {
                    measured.add(one);
                }
            }
            screen.status("");
            lifetimes = processes.take();
        }
        report(image, measured, lifetimes);
        return 0;
    }

    private static Measured run(Runner runner, Job job) throws ConstruirException, InterruptedException {
        Instant begin = Instant.now();
        long from = System.nanoTime();
        try (JobResult result = runner.run(job)) {
            Duration wall = Duration.ofNanos(System.nanoTime() - from);
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled");
            }
            result.orThrow();
            return new Measured(begin, wall, result);
        }
    }

    private void report(RootImage image, List<Measured> measured, List<ProcessTimes.Lifetime> lifetimes)
            throws IOException {
        Map<String, Samples> rows = new LinkedHashMap<>();
        rows.put("run()", samples(measured, m -> Optional.of(m.wall())));
        rows.put("hypervisor process", samples(measured, m -> process(m, lifetimes)));
        rows.put("library's share", samples(measured, m -> process(m, lifetimes).map(m.wall()::minus)));
        rows.put(
                "  preparing",
                samples(measured, m -> Optional.of(m.result().timings().preparing())));
        rows.put(
                "  booting",
                samples(measured, m -> Optional.of(m.result().timings().booting())));
        rows.put(
                "  job", samples(measured, m -> Optional.of(m.result().timings().job())));
        rows.put(
                "  shutting down",
                samples(measured, m -> Optional.of(m.result().timings().shutdown())));
        String machine = measured.stream()
                .findFirst()
                .flatMap(m -> m.result().machine())
                .map(BenchColdCommand::describe)
                .orElse("nothing");
        report(image, machine, rows);
    }

    private static String describe(MachineInfo machine) {
        return machine.hypervisor() + " " + machine.version() + " (" + machine.accelerator() + ")";
    }

    // Runs come one after the other, so that a process that began during a run is that run's.
    private static Optional<Duration> process(Measured run, List<ProcessTimes.Lifetime> lifetimes) {
        Instant end = run.begin().plus(run.wall());
        return lifetimes.stream()
                .filter(l -> !l.begin().isBefore(run.begin()) && l.begin().isBefore(end))
                .map(ProcessTimes.Lifetime::duration)
                .findFirst();
    }

    private static Samples samples(List<Measured> runs, Function<Measured, Optional<Duration>> time) {
        return Samples.of(runs.stream()
                .flatMap(m -> time.apply(m).stream())
                .map(d -> d.toNanos() / 1e6)
                .toList());
    }

    private void report(RootImage image, String machine, Map<String, Samples> rows) throws IOException {
        TextTable table = new TextTable("", "median", "p90", "min", "max");
        rows.forEach((name, samples) -> {
            if (samples.sorted().isEmpty()) {
                table.add(name, "not known");
            } else {
                table.add(
                        name,
                        millis(samples.median()),
                        millis(samples.quantile(0.9)),
                        millis(samples.quantile(0)),
                        millis(samples.quantile(1)));
            }
        });
        Map<String, Object> millis = new LinkedHashMap<>();
        rows.forEach((name, samples) -> {
            if (!samples.sorted().isEmpty()) {
                millis.put(name.strip(), BenchReport.times(samples));
            }
        });
        String heading = "The empty job on " + image.name() + ", " + machine + ": " + runs + " runs after " + warmUp
                + " to warm up, in ms";
        new BenchReport("cold")
                .with("image", image.name())
                .with("machine", machine)
                .with("warmUp", warmUp)
                .with("runs", runs)
                .with("milliseconds", millis)
                .give(streams, heading, table, json);
    }

    private static String millis(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
