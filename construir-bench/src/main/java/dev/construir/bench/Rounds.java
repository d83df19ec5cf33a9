package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.terminal.Screen;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How often both sides of a contest do the work, in turns.
 *
 * @param warmUp how often before anything is measured
 * @param pairs how often each is measured
 */
record Rounds(int warmUp, int pairs) {
    /** The work of one side. */
    @FunctionalInterface
    interface Pass {
        /** Does it in an empty directory, and returns how long it took in milliseconds. */
        double millis(Path directory) throws ConstruirException, IOException, InterruptedException;
    }

    /**
     * What was measured.
     *
     * @param library the library's times
     * @param tool the times of the other side
     * @param heap the most heap that the library had each time, in bytes
     */
    record Result(Samples library, Samples tool, Samples heap) {
        double ratio() {
            return library.median() / tool.median();
        }

        /** Returns the most heap that the library ever had, in bytes. */
        long peak() {
            return (long) heap.quantile(1);
        }
    }

    /**
     * Checks that there is something to measure.
     *
     * @param scale how much work there is, from 0 to 1
     */
    void check(double scale) throws ConstruirException {
        if (pairs < 1 || warmUp < 0 || !(scale > 0 && scale <= 1)) {
            throw new ConstruirException(
                    "there is nothing to measure: --pairs " + pairs + " --warm-up " + warmUp + " --scale " + scale);
        }
    }

    /** Measures both sides; what they leave in the given place is removed. */
    Result measure(String work, Pass library, Pass tool, Path place, Screen screen)
            throws ConstruirException, IOException, InterruptedException {
        HeapPeak heap = new HeapPeak();
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        List<Double> peaks = new ArrayList<>();
        for (int i = 0; i < warmUp + pairs; i++) {
            screen.status(work + ": " + (i + 1) + " of " + (warmUp + pairs));
            heap.reset();
            double one = inNew(place, library);
            double peak = heap.bytes();
            double other = inNew(place, tool);
            if (i >= warmUp) {
                ours.add(one);
                theirs.add(other);
                peaks.add(peak);
            }
        }
        return new Result(Samples.of(ours), Samples.of(theirs), Samples.of(peaks));
    }

    private static double inNew(Path place, Pass pass) throws ConstruirException, IOException, InterruptedException {
        try (ScratchDirectory made = ScratchDirectory.in(place, "made-")) {
            return pass.millis(made.path());
        }
    }
}
