package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.command.RunnerSource;
import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code bench cold}: how much time the library adds to that of the machine. */
@Command(
        name = "cold",
        description = {
            "Runs a job that does nothing, many times, one after the other, each in a machine booted for it, and "
                    + "reports how long "
                    + "it took: the call of run(), the hypervisor's process within it from its start to its end, "
                    + "and the "
                    + "difference between both, which is what the library adds.",
            ""
        })
final class BenchColdCommand implements Callable<Integer> {
    private final Streams streams;
    private final RunnerSource runners;

    @Mixin
    private final MachineBenchOptions bench;

    BenchColdCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.runners = runners;
        this.bench = new MachineBenchOptions(surroundings, 30, 5);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        bench.check();
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(() -> measure(screen), screen);
    }

    private int measure(Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage image = bench.image();
        List<EmptyRun> measured = new ArrayList<>();
        List<ProcessTimes.Lifetime> lifetimes;
        try (ProcessTimes processes = ProcessTimes.record();
                Runner runner = bench.open(runners, image, Preference.NEVER, 0)) {
            for (int i = 0; i < bench.warmUp() + bench.runs(); i++) {
                screen.status("run " + (i + 1) + " of " + (bench.warmUp() + bench.runs()));
                EmptyRun one = EmptyRun.by(runner);
                if (i >= bench.warmUp()) {
                    measured.add(one);
                }
            }
            screen.status("");
            lifetimes = processes.take();
        }
        report(image, measured, lifetimes);
        return 0;
    }

    private void report(RootImage image, List<EmptyRun> measured, List<ProcessTimes.Lifetime> lifetimes)
            throws IOException {
        QuantileTable rows = new QuantileTable();
        rows.add("run()", measured, run -> Optional.of(run.wall()));
        rows.add("hypervisor process", measured, run -> process(run, lifetimes));
        rows.add("library's share", measured, run -> process(run, lifetimes).map(run.wall()::minus));
        rows.addPhases("  ", measured);
        String machine = measured.get(0).hypervisor();
        String heading = "The empty job on " + image.name() + ", " + machine + ": " + bench.runs() + " runs after "
                + bench.warmUp() + " to warm up, in ms";
        bench.report("cold", image, machine)
                .with("milliseconds", rows.json())
                .give(streams, heading, rows.text(), bench.json());
    }

    // Runs come one after the other, so that a process that began during a run is that run's.
    private static Optional<Duration> process(EmptyRun run, List<ProcessTimes.Lifetime> lifetimes) {
        Instant end = run.begin().plus(run.wall());
        return lifetimes.stream()
                .filter(l -> !l.begin().isBefore(run.begin()) && l.begin().isBefore(end))
                .map(ProcessTimes.Lifetime::duration)
                .findFirst();
    }
}
