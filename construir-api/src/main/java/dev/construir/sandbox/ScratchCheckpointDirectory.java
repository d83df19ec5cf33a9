package dev.construir.sandbox;

import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a checkpoint without a name is kept. Owns the directory; one that a killed process left is removed by the next.
 *
 * @param scratch holds the directory
 * @param place the directory
 */
record ScratchCheckpointDirectory(Scratch scratch, ScratchDirectory place) implements AutoCloseable {
    static ScratchCheckpointDirectory create() throws IOException {
        Scratch scratch = Scratch.open(Scratch.defaultRoot().resolve("checkpoints"), leftover -> {});
        boolean made = false;
        try {
            ScratchCheckpointDirectory directory =
                    new ScratchCheckpointDirectory(scratch, scratch.directory("checkpoint"));
            made = true;
            return directory;
        } finally {
            if (!made) {
                scratch.close();
            }
        }
    }

    /** Returns where the machine is saved. */
    Path machine() {
        return place.path().resolve("machine");
    }

    @Override
    public void close() {
        place.close();
        scratch.close();
    }
}
