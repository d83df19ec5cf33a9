package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.Policy;
import dev.construir.run.JobResult;
import dev.construir.run.Run;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import dev.construir.run.Timings;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code construir bench warm}: what resuming a machine costs beside the least that it can cost, and what it saves. */
@Command(
        name = "warm",
        description = {
            "Runs a job that does nothing, many times, in turns: in a machine that is resumed from a memory image, in one that a script "
                    + "resumes with the same words from the same image, in one that was kept ready, and in one that is booted. Tells "
                    + "how long each took, and phase by phase what became of the time.",
            ""
        })
final class BenchWarmCommand implements Callable<Integer> {
    private static final int AT_ONCE = 2;

    private final Streams streams;
    private final Surroundings surroundings;
    private final RunnerSource runners;

    @Option(names = "--runs", paramLabel = "N", description = "Rounds that are measured. Default: ${DEFAULT-VALUE}.")
    private int runs = 20;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "Rounds before them that are not measured. Default: ${DEFAULT-VALUE}.")
    private int warmUp = 3;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description = "Also runs so many jobs, two at a time, resumed and booted. Default: ${DEFAULT-VALUE}.")
    private int jobs;

    @Option(names = "--root", paramLabel = "IMAGE", description = "What machines boot. Default: the tiny image.")
    private @Nullable Path root;

    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description = "What runs the machines. Default: ${DEFAULT-VALUE}.")
    private String hypervisor = Backends.DEFAULT;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures to a file as well.")
    private @Nullable Path json;

    BenchWarmCommand(Streams streams, Surroundings surroundings, RunnerSource runners) {
        this.streams = streams;
        this.surroundings = surroundings;
        this.runners = runners;
    }

    /** One run by the library. */
    private record Measured(String name, Duration wall, Timings timings, MachineInfo machine) {
        Duration untilResumed() {
            return timings.queued().plus(timings.preparing());
        }

        Duration untilJob() {
            return untilResumed().plus(timings.booting());
        }
    }

    /** One round: the same job in each way. */
    private record Round(Measured warm, BareResume.Times bare, Measured ready, Measured cold) {}

    @Override
    public Integer call() throws ConstruirException, IOException {
        if (runs < 1 || warmUp < 0 || jobs < 0) {
            throw new ConstruirException(
                    "there is nothing to measure: --runs " + runs + " --warm-up " + warmUp + " --jobs " + jobs);
        }
        Screen screen = new Screen(streams);
        return Interruption.ends(() -> measure(screen), screen);
    }

    private int measure(Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage image = RootImage.at(root == null ? surroundings.image("tiny") : root);
        Job empty = Job.script("empty", ":");
        List<Round> rounds = new ArrayList<>();
        Map<String, Samples> throughput = new LinkedHashMap<>();
        Map<String, Samples> parts;
        Map<String, Samples> memory = new LinkedHashMap<>();
        MachineInfo machine;
        try (StartPhases phases = StartPhases.record();
                Runner warm = runner(image, Policy.REQUIRE);
                Runner cold = runner(image, Policy.NEVER);
                Scratch scratch = Scratch.open(surroundings.scratch().resolve("bench"), leftover -> {})) {
            machine = run(warm, empty).machine(); // makes the memory image
            BareResume bare = BareResume.like(machine.commandLine());
            for (int i = 0; i < warmUp + runs; i++) {
                screen.status("round " + (i + 1) + " of " + (warmUp + runs));
                Round round = new Round(
                        run(warm, empty), bare(bare, empty, scratch), runReady(image, empty, memory), run(cold, empty));
                if (i >= warmUp) {
                    rounds.add(round);
                }
            }
            memory.put("booted, idle", Samples.of(List.of(idle(cold))));
            parts = phases.take(
                    rounds.stream().map(round -> round.warm().name()).collect(Collectors.toSet()));
            if (jobs > 0) {
                screen.status(jobs + " jobs, resumed");
                throughput.put("resumed", Samples.of(List.of(millis(runMany(warm, empty)))));
                screen.status(jobs + " jobs, booted");
                throughput.put("booted", Samples.of(List.of(millis(runMany(cold, empty)))));
            }
            screen.status("");
        }
        report(image, machine, rounds, parts, throughput, memory);
        return 0;
    }

    private Runner runner(RootImage image, Policy warmStart) throws ConstruirException {
        return runners.open(
                new RunnerSource.Choice(hypervisor, image, Policy.PREFER, warmStart, surroundings.scratch()));
    }

    /** Runs a job in a machine that was kept ready, and nothing else meanwhile. */
    private Measured runReady(RootImage image, Job job, Map<String, Samples> memory)
            throws ConstruirException, IOException, InterruptedException {
        RunnerSource.Choice choice =
                new RunnerSource.Choice(hypervisor, image, Policy.PREFER, Policy.REQUIRE, 1, surroundings.scratch());
        try (Runner runner = runners.open(choice)) {
            long machine = awaitReady();
            memory.put("resumed, paused", Samples.of(List.of(PrivateMemory.of(machine))));
            return run(runner, job);
        }
    }

    // A machine is ready when it is paused; its own word for that is not to be had from here. One that does not run
    // uses no
    // more memory.
    private static long awaitReady() throws ConstruirException, IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        double before = 0;
        int still = 0;
        while (System.nanoTime() < end) {
            Thread.sleep(200);
            Set<Long> machines = PrivateMemory.machines();
            if (machines.size() == 1) {
                long machine = machines.iterator().next();
                double now = PrivateMemory.of(machine);
                still = now == before ? still + 1 : 0;
                if (still == 3) {
                    return machine;
                }
                before = now;
            }
        }
        throw new ConstruirException("no machine was kept ready within a minute; the log may tell why");
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

    private static BareResume.Times bare(BareResume bare, Job job, Scratch scratch)
            throws IOException, ConstruirException, InterruptedException {
        try (ScratchDirectory directory = scratch.directory("bare");
                ScratchDirectory disks = scratch.directory("disk")) {
            Path disk = disks.path().resolve("job.img");
            job.createDisk(disk, job.resources().disk());
            return bare.run(directory.path(), disk);
        }
    }

    private static Measured run(Runner runner, Job job) throws ConstruirException, InterruptedException {
        long from = System.nanoTime();
        try (JobResult result = runner.run(job)) {
            Duration wall = Duration.ofNanos(System.nanoTime() - from);
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled");
            }
            result.orThrow();
            return new Measured(
                    "construir-" + result.runId(),
                    wall,
                    result.timings(),
                    result.machine().orElseThrow());
        }
    }

    private Duration runMany(Runner runner, Job job) throws ConstruirException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            long from = System.nanoTime();
            List<Future<Measured>> all = new ArrayList<>();
            for (int i = 0; i < jobs; i++) {
                all.add(threads.submit(() -> run(runner, job)));
            }
            for (Future<Measured> one : all) {
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
            MachineInfo machine,
            List<Round> rounds,
            Map<String, Samples> parts,
            Map<String, Samples> throughput,
            Map<String, Samples> memory)
            throws IOException {
        Map<String, Samples> rows = new LinkedHashMap<>();
        rows.put("until resumed: run()", samples(rounds, r -> r.warm().untilResumed()));
        rows.put("until resumed: script", samples(rounds, r -> r.bare().resumed()));
        rows.put(
                "until resumed: difference",
                samples(rounds, r -> r.warm().untilResumed().minus(r.bare().resumed())));
        rows.put("resumed, whole: run()", samples(rounds, r -> r.warm().wall()));
        rows.put("resumed, whole: script", samples(rounds, r -> r.bare().gone()));
        rows.put(
                "resumed, whole: difference",
                samples(rounds, r -> r.warm().wall().minus(r.bare().gone())));
        rows.put("until the job: run()", samples(rounds, r -> r.warm().untilJob()));
        rows.put("until the job: kept ready", samples(rounds, r -> r.ready().untilJob()));
        rows.put("kept ready, whole: run()", samples(rounds, r -> r.ready().wall()));
        rows.put("booted, whole: run()", samples(rounds, r -> r.cold().wall()));
        phases(rows, "resumed", rounds, Round::warm);
        parts.forEach((part, time) -> rows.put("resumed: preparing: " + part, time));
        phases(rows, "booted", rounds, Round::cold);
        throughput.forEach((how, time) -> rows.put(jobs + " jobs, " + how, time));
        TextTable table = new TextTable("", "median", "p90", "min", "max");
        Map<String, Object> millis = new LinkedHashMap<>();
        rows.forEach((name, samples) -> {
            table.add(
                    name,
                    text(samples.median()),
                    text(samples.quantile(0.9)),
                    text(samples.quantile(0)),
                    text(samples.quantile(1)));
            millis.put(name.strip(), BenchReport.times(samples));
        });
        double share = rows.get("resumed, whole: run()").median()
                / rows.get("booted, whole: run()").median();
        table.add("resumed / booted", String.format(Locale.ROOT, "%.2f", share));
        memory.forEach((how, size) -> table.add("private MiB: " + how, text(size.median())));
        Map<String, Object> mebibytes = new LinkedHashMap<>();
        memory.forEach((how, size) -> mebibytes.put(how, size.median()));
        String hypervisor = machine.hypervisor() + " " + machine.version() + " (" + machine.accelerator() + ")";
        new BenchReport("warm")
                .with("image", image.name())
                .with("machine", hypervisor)
                .with("warmUp", warmUp)
                .with("runs", runs)
                .with("jobs", jobs)
                .with("resumedByBooted", share)
                .with("milliseconds", millis)
                .with("privateMebibytes", mebibytes)
                .give(
                        streams,
                        "The empty job on " + image.name() + ", " + hypervisor + ": " + runs + " rounds after " + warmUp
                                + " to warm up, in ms",
                        table,
                        json);
    }

    private static void phases(
            Map<String, Samples> rows, String how, List<Round> rounds, Function<Round, Measured> which) {
        rows.put(
                how + ": preparing",
                samples(rounds, r -> which.apply(r).timings().preparing()));
        rows.put(
                how + ": booting", samples(rounds, r -> which.apply(r).timings().booting()));
        rows.put(how + ": job", samples(rounds, r -> which.apply(r).timings().job()));
        rows.put(
                how + ": shutting down",
                samples(rounds, r -> which.apply(r).timings().shutdown()));
    }

    private static Samples samples(List<Round> rounds, Function<Round, Duration> time) {
        return Samples.of(rounds.stream().map(r -> millis(time.apply(r))).toList());
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
