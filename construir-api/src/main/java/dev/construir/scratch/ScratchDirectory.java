package dev.construir.scratch;

import dev.construir.ownership.Removal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory of mode 0700 that is removed, with all that is in it, when it is closed. Safe for use by many threads.
 *
 * @since 0.1
 */
public final class ScratchDirectory implements AutoCloseable {
    private final Path path;
    private final Runnable bequest;
    private volatile boolean bequeathed;

    ScratchDirectory(Path path, Runnable bequest) {
        this.path = path;
        this.bequest = bequest;
    }

    /**
     * Creates a directory in another one, so that what is made in it can be renamed to there. No sweep finds it if this
     * process is killed.
     *
     * @param parent the directory it is in
     * @param prefix how its name starts
     * @return the directory, to be closed by the caller, also when it has been renamed
     * @throws IOException if it cannot be created
     */
    public static ScratchDirectory in(Path parent, String prefix) throws IOException {
        return in(parent, prefix, () -> {});
    }

    static ScratchDirectory in(Path parent, String prefix, Runnable bequest) throws IOException {
        return new ScratchDirectory(
                Files.createTempDirectory(parent.toAbsolutePath(), prefix, ScratchRoot.PRIVATE), bequest);
    }

    /**
     * Returns where it is.
     *
     * @return its absolute path
     */
    public Path path() {
        return path;
    }

    /**
     * Leaves the directory to the next process that opens its {@link Scratch}, for work that this process could not
     * finish. Closing it does nothing then.
     */
    public void bequeath() {
        bequeathed = true;
        bequest.run();
    }

    /**
     * Removes the directory and all that is in it. Idempotent; what cannot be removed is logged and left to the next
     * sweep.
     */
    @Override
    public void close() {
        if (!bequeathed) {
            Removal.removeTree(path);
        }
    }

    /** Returns the path. */
    @Override
    public String toString() {
        return path.toString();
    }
}
