package dev.construir.scratch;

import java.nio.file.Path;

/** A directory of mode 0700 that is removed, with all that is in it, when it is closed. */
public final class ScratchDirectory implements AutoCloseable {
    private final Path path;

    ScratchDirectory(Path path) {
        this.path = path;
    }

    /**
     * Returns where it is.
     *
     * @return its absolute path
     */
    public Path path() {
        return path;
    }

    /** Removes the directory and all that is in it. Idempotent; what cannot be removed is logged and left to the next sweep. */
    @Override
    public void close() {
        Removal.removeTree(path);
    }
}
