package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.terminal.Environment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every benchmark of work on disks. */
final class DiskBenchOptions {
    @Mixin
    private final BenchOptions bench;

    @Option(
            names = "--scale",
            paramLabel = "SHARE",
            description = "How much work there is, from 0 to 1. Default: ${DEFAULT-VALUE}.")
    private double scale = 1;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where the files are, up to 7 GB of them. Default: in /dev/shm; where there is none, that of "
                    + "the runs. On a real "
                    + "disk mke2fs waits for it (fsync), which the library never does.")
    private @Nullable Path scratch;

    private final Path defaultScratch;

    /**
     * Creates options.
     *
     * @param surroundings where files are in memory
     * @param pairs how often each side is measured unless that is said
     * @param warmUp how often each does the work before unless that is said
     */
    DiskBenchOptions(Environment surroundings, int pairs, int warmUp) {
        this.bench = new BenchOptions(pairs, warmUp);
        this.defaultScratch = surroundings.memory();
    }

    /**
     * Returns how often what is done.
     *
     * @throws ConstruirException if that, or the scale, is out of its range
     */
    Rounds rounds() throws ConstruirException {
        Rounds rounds = bench.rounds();
        rounds.check(scale);
        return rounds;
    }

    double scale() {
        return scale;
    }

    /** Returns where the files are. */
    Path scratch() {
        return scratch == null ? defaultScratch : scratch;
    }

    @Nullable
    Path json() {
        return bench.json();
    }
}
