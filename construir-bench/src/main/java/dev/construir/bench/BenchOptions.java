package dev.construir.bench;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every benchmark of two sides. */
final class BenchOptions {
    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "How often each side is measured. Default: ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description = "How often each side does the work before, unmeasured. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures to a file as well.")
    private @Nullable Path json;

    /**
     * Creates options.
     *
     * @param pairs how often each side is measured unless that is said
     * @param warmUp how often each does the work before unless that is said
     */
    BenchOptions(int pairs, int warmUp) {
        this.pairs = pairs;
        this.warmUp = warmUp;
    }

    Rounds rounds() {
        return new Rounds(warmUp, pairs);
    }

    @Nullable
    Path json() {
        return json;
    }
}
