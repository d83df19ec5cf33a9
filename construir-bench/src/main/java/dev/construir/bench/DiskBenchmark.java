package dev.construir.bench;

import dev.construir.ConstruirException;
import dev.construir.terminal.Screen;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The same work, done by the library in this process and by a native tool.
 *
 * @param work what is done
 * @param reference the name of the tool to compare with
 * @param library the library's side
 * @param tool the tool's side
 */
record DiskBenchmark(String work, String reference, Side library, Side tool) {
    /** One of the two. */
    interface Side extends Rounds.Pass {
        /** Does the work, which is measured. The product is a path where nothing is. */
        void act(Path product) throws ConstruirException, IOException, InterruptedException;

        /** Fails if the work was not done. */
        void check(Path product) throws IOException;

        @Override
        default double millis(Path directory) throws ConstruirException, IOException, InterruptedException {
            Path product = directory.resolve("product");
            long from = System.nanoTime();
            act(product);
            double millis = (System.nanoTime() - from) / 1e6;
            check(product);
            return millis;
        }
    }

    Rounds.Result measure(Rounds rounds, Path place, Screen screen)
            throws ConstruirException, IOException, InterruptedException {
        return rounds.measure(work, library, tool, place, screen);
    }
}
