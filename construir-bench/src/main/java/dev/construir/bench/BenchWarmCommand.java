package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.command.RunnerSource;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Preference;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench warm}: what resuming a machine costs beside the least that it can cost, and what it saves. */
@Command(
        name = "warm",
        description = {
            "Runs a job that does nothing, many times, in turns: in a machine that is resumed from a memory "
                    + "image, in one that a script "
                    + "resumes with the same words from the same image, in one that was kept ready, and in one "
                    + "that is booted. Reports "
                    + "how long each took, and phase by phase what became of the time.",
            ""
        })
final class BenchWarmCommand implements Callable<Integer> {
    private static final int AT_ONCE = 2;
    private static final String WHOLE_RESUMED = "resumed, whole: run()";
    private static final String WHOLE_BOOTED = "booted, whole: run()";

    private final Streams streams;
    private final Environment surroundings;
    private final RunnerSource runners;

    @Mixin
    private final MachineBenchOptions bench;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Also runs so many jobs, two at a time, resumed and booted. Default: ${DEFAULT-VALUE}.")
    private int jobs;

    BenchWarmCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.runners = runners;
        this.bench = new MachineBenchOptions(surroundings, 20, 3);
    }

    /** One round: the same job in each way. */
    private record Round(EmptyRun warm, BareResume.Times bare, EmptyRun ready, EmptyRun cold) {}

    @Override
    public Integer call() throws ConstruirException, IOException {
        bench.check();
        if (jobs < 0) {
            throw new ConstruirException("there are no " + jobs + " jobs");
        }
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(screen), screen);
    }

    private int measure(Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage image = bench.image();
        List<Round> rounds = new ArrayList<>();
        Map<String, Samples> throughput = new LinkedHashMap<>();
        Map<String, Samples> parts;
        Map<String, Double> memory = new LinkedHashMap<>();
        try (StartPhases phases = StartPhases.record();
                Runner warm = bench.open(runners, image, Preference.REQUIRE, 0);
                Runner cold = bench.open(runners, image, Preference.NEVER, 0);
                Scratch scratch = Scratch.open(surroundings.scratch().resolve("bench"), leftover -> {})) {
            BareResume bare = BareResume.like(
                    EmptyRun.by(warm).machine().orElseThrow().commandLine()); // makes the memory snapshot as well
            for (int i = 0; i < bench.warmUp() + bench.runs(); i++) {
                screen.status("round " + (i + 1) + " of " + (bench.warmUp() + bench.runs()));
                Round round =
                        new Round(EmptyRun.by(warm), bare(bare, scratch), runReady(image, memory), EmptyRun.by(cold));
                if (i >= bench.warmUp()) {
                    rounds.add(round);
                }
            }
            memory.put("booted, idle", idle(cold));
            parts = phases.take(
                    rounds.stream().map(round -> round.warm().machineName()).collect(Collectors.toSet()));
            if (jobs > 0) {
                screen.status(jobs + " jobs, resumed");
                throughput.put("resumed", Samples.of(List.of(QuantileTable.millis(runMany(warm)))));
                screen.status(jobs + " jobs, booted");
                throughput.put("booted", Samples.of(List.of(QuantileTable.millis(runMany(cold)))));
            }
            screen.status("");
        }
        report(image, rounds, parts, throughput, memory);
        return 0;
    }

    /** Runs a job in a machine that was kept ready, and nothing else meanwhile. */
    private EmptyRun runReady(RootImage image, Map<String, Double> memory)
            throws ConstruirException, IOException, InterruptedException {
        try (Runner runner = bench.open(runners, image, Preference.REQUIRE, 1)) {
            memory.put("resumed, paused", PrivateMemory.of(PrivateMemory.awaitReady(Set.of())));
            return EmptyRun.by(runner);
        }
    }

    /** Returns the private memory of a machine that was booted and has a job that sleeps. */
    private static double idle(Runner runner) throws ConstruirException, IOException, InterruptedException {
        CountDownLatch sleeps = new CountDownLatch(1);
        Run run = runner.start(Job.script("idle", "echo; sleep 1000"), event -> {
            if (event instanceof RunEvent.Output) {
                sleeps.countDown();
            }
        });
        try (run) {
            sleeps.await();
            return PrivateMemory.of(PrivateMemory.machines().iterator().next());
        }
    }

    private static BareResume.Times bare(BareResume bare, Scratch scratch)
            throws IOException, ConstruirException, InterruptedException {
        try (ScratchDirectory directory = scratch.directory("bare");
                ScratchDirectory disks = scratch.directory("disk")) {
            Path disk = disks.path().resolve("job.img");
            EmptyRun.JOB.createDisk(disk, EmptyRun.JOB.resources().disk());
            return bare.untilGone(directory.path(), disk);
        }
    }

    private Duration runMany(Runner runner) throws ConstruirException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            long from = System.nanoTime();
            List<Future<EmptyRun>> all = new ArrayList<>();
            for (int i = 0; i < jobs; i++) {
                all.add(threads.submit(() -> EmptyRun.by(runner)));
            }
            for (Future<EmptyRun> one : all) {
                one.get();
            }
            return Duration.ofNanos(System.nanoTime() - from);
        } catch (ExecutionException e) {
            throw new ConstruirException("a job of many failed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private void report(
            RootImage image,
            List<Round> rounds,
            Map<String, Samples> parts,
            Map<String, Samples> throughput,
            Map<String, Double> memory)
            throws IOException {
        QuantileTable rows = new QuantileTable();
        add(rows, "until resumed: run()", rounds, r -> r.warm().untilResumed());
        add(rows, "until resumed: script", rounds, r -> r.bare().resumed());
        add(
                rows,
                "until resumed: difference",
                rounds,
                r -> r.warm().untilResumed().minus(r.bare().resumed()));
        add(rows, WHOLE_RESUMED, rounds, r -> r.warm().wall());
        add(rows, "resumed, whole: script", rounds, r -> r.bare().over());
        add(
                rows,
                "resumed, whole: difference",
                rounds,
                r -> r.warm().wall().minus(r.bare().over()));
        add(rows, "until the job: run()", rounds, r -> r.warm().untilJob());
        add(rows, "until the job: kept ready", rounds, r -> r.ready().untilJob());
        add(rows, "kept ready, whole: run()", rounds, r -> r.ready().wall());
        add(rows, WHOLE_BOOTED, rounds, r -> r.cold().wall());
        rows.addPhases("resumed: ", rounds.stream().map(Round::warm).toList());
        parts.forEach((part, time) -> rows.add("resumed: preparing: " + part, time));
        rows.addPhases("booted: ", rounds.stream().map(Round::cold).toList());
        throughput.forEach((how, time) -> rows.add(jobs + " jobs, " + how, time));
        double share = rows.median(WHOLE_RESUMED) / rows.median(WHOLE_BOOTED);
        TextTable table = rows.text();
        table.add("resumed / booted", String.format(Locale.ROOT, "%.2f", share));
        memory.forEach((how, size) -> table.add("private MiB: " + how, QuantileTable.text(size)));
        String machine = rounds.get(0).warm().hypervisor();
        bench.report("warm", image, machine)
                .with("jobs", jobs)
                .with("resumedByBooted", share)
                .with("milliseconds", rows.json())
                .with("privateMebibytes", memory)
                .give(
                        streams,
                        "The empty job on " + image.name() + ", " + machine + ": " + bench.runs() + " rounds after "
                                + bench.warmUp() + " to warm up, in ms",
                        table,
                        bench.json());
    }

    private static void add(QuantileTable rows, String name, List<Round> rounds, Function<Round, Duration> time) {
        rows.add(name, rounds, round -> Optional.of(time.apply(round)));
    }
}
