package dev.construir.bench;

import dev.construir.DataSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How much there is to do in sandboxes.
 *
 * @param stream how many bytes a command prints, or reads
 * @param tree what is copied in; a tree as large as zlib's sources if it is empty
 * @param made that tree
 * @param copiedOut what is copied out
 * @param executions how many commands are run, several at once
 */
record SandboxSamples(DataSize stream, Optional<Path> tree, SampleTree made, SampleTree copiedOut, int executions) {
    private static final int PIECE = 1 << 16;

    /** Returns a share of the whole, from 0 to 1, and of everything at least a little. */
    static SandboxSamples scaled(double share, Optional<Path> tree) {
        return new SandboxSamples(
                DataSize.ofBytes(Math.max(1, Math.round((64 << 20) * share / PIECE)) * PIECE),
                tree,
                new SampleTree(count(250, share), count(25, share), 16_000),
                new SampleTree(count(10_000, share), count(100, share), 1000),
                count(1000, share));
    }

    private static int count(int whole, double share) {
        return Math.max(2, (int) Math.round(whole * share));
    }

    /** Returns the tree that is copied in, which is made at a path where nothing is, unless there is one. */
    Path copiedIn(Path path) throws IOException {
        if (tree.isEmpty()) {
            made.make(path);
        }
        return tree.orElse(path);
    }
}
