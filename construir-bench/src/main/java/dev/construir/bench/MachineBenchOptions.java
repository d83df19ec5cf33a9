package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.command.Backends;
import dev.construir.command.BudgetLimits;
import dev.construir.command.PluginOption;
import dev.construir.command.RunnerSource;
import dev.construir.image.RootImage;
import dev.construir.machine.Preference;
import dev.construir.run.Runner;
import dev.construir.terminal.Environment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every benchmark of machines of one backend. */
final class MachineBenchOptions {
    private final Environment surroundings;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "How often each way is measured. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "How often each is gone before, unmeasured. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--root", paramLabel = "IMAGE", description = "What machines boot. Default: the tiny image.")
    private @Nullable Path root;

    @Option(
            names = "--hypervisor",
            paramLabel = "NAME[:URI]",
            description = "What runs the machines. Default: ${DEFAULT-VALUE}.")
    private String hypervisor = Backends.DEFAULT;

    @Mixin
    private final PluginOption plugins = new PluginOption();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures to a file as well.")
    private @Nullable Path json;

    /**
     * Creates options.
     *
     * @param runs how often each way is measured unless that is said
     * @param warmUp how often each is gone before unless that is said
     */
    MachineBenchOptions(Environment surroundings, int runs, int warmUp) {
        this.surroundings = surroundings;
        this.runs = runs;
        this.warmUp = warmUp;
    }

    void check() throws ConstruirException {
        if (runs < 1 || warmUp < 0) {
            throw new ConstruirException("there is nothing to measure: --runs " + runs + " --warm-up " + warmUp);
        }
    }

    int runs() {
        return runs;
    }

    int warmUp() {
        return warmUp;
    }

    RootImage image() throws ConstruirException {
        return RootImage.at(root == null ? surroundings.image("tiny") : root);
    }

    /** Opens a runner, to be closed by the caller. */
    Runner open(RunnerSource runners, RootImage image, Preference warmStart, int ready) throws ConstruirException {
        return runners.open(new RunnerSource.Choice(
                hypervisor,
                plugins.plugins(),
                image,
                Preference.PREFER,
                warmStart,
                ready,
                BudgetLimits.DEFAULT,
                surroundings.scratch()));
    }

    @Nullable
    Path json() {
        return json;
    }

    /** Begins a report of what was measured, with the options as they are in the JSON. */
    BenchReport report(String benchmark, RootImage image, String machine) {
        return new BenchReport(benchmark)
                .with("image", image.name())
                .with("machine", machine)
                .with("warmUp", warmUp)
                .with("runs", runs);
    }
}
