package dev.construir.examples.command;

import dev.construir.ConstruirException;
import dev.construir.examples.command.DiskContest.Side;
import dev.construir.scratch.ScratchDirectory;
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
    /**
     * What was measured.
     *
     * @param library the library's times
     * @param tool the tool's times
     * @param heap the most heap that the library had, in bytes
     */
    record Result(DiskContest contest, Samples library, Samples tool, long heap) {
        double ratio() {
            return library.median() / tool.median();
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

    /** Measures; products are made in the given place, and removed. */
    Result measure(DiskContest contest, Path place, Screen screen)
            throws ConstruirException, IOException, InterruptedException {
        HeapPeak heap = new HeapPeak();
        List<Double> library = new ArrayList<>();
        List<Double> tool = new ArrayList<>();
        long peak = 0;
        for (int i = 0; i < warmUp + pairs; i++) {
            screen.status(contest.work() + ": " + (i + 1) + " of " + (warmUp + pairs));
            heap.reset();
            double ours = time(contest.library(), place);
            long used = heap.bytes();
            double theirs = time(contest.tool(), place);
            if (i >= warmUp) {
                library.add(ours);
                tool.add(theirs);
                peak = Math.max(peak, used);
            }
        }
        return new Result(contest, Samples.of(library), Samples.of(tool), peak);
    }

    /** Lets one side work, and returns how long it took in milliseconds. */
    private static double time(Side side, Path place) throws ConstruirException, IOException, InterruptedException {
        try (ScratchDirectory made = ScratchDirectory.in(place, "made-")) {
            Path product = made.path().resolve("product");
            long from = System.nanoTime();
            side.act(product);
            double millis = (System.nanoTime() - from) / 1e6;
            side.check(product);
            return millis;
        }
    }
}
