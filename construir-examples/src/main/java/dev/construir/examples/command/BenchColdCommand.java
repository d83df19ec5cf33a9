package dev.construir.examples.command;

import com.google.gson.GsonBuilder;
import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Policy;
import dev.construir.run.JobResult;
import dev.construir.run.Runner;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        table(image, machine, rows);
        if (json != null) {
            writeJson(json, image, machine, rows);
        }
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

    private void table(RootImage image, String machine, Map<String, Samples> rows) {
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        out.println("The empty job on " + image.name() + ", " + machine + ": " + runs + " runs after " + warmUp
                + " to warm up, in ms");
        out.println(String.format("%-20s %9s %9s %9s %9s", "", "median", "p90", "min", "max"));
        rows.forEach((name, samples) -> {
            if (samples.sorted().isEmpty()) {
                out.println(String.format("%-20s %9s", name, "not known"));
            } else {
                out.println(String.format(
                        Locale.ROOT,
                        "%-20s %9.1f %9.1f %9.1f %9.1f",
                        name,
                        samples.median(),
                        samples.quantile(0.9),
                        samples.quantile(0),
                        samples.quantile(1)));
            }
        });
    }

    private void writeJson(Path file, RootImage image, String machine, Map<String, Samples> rows) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("benchmark", "cold");
        report.put("image", image.name());
        report.put("machine", machine);
        report.put("java", Runtime.version().toString());
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("warmUp", warmUp);
        report.put("runs", runs);
        Map<String, Object> millis = new LinkedHashMap<>();
        rows.forEach((name, samples) -> {
            if (!samples.sorted().isEmpty()) {
                millis.put(
                        name.strip(),
                        Map.of("median", samples.median(), "p90", samples.quantile(0.9), "all", samples.sorted()));
            }
        });
        report.put("milliseconds", millis);
        Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(report) + "\n");
    }
}
