package dev.construir.backend;

import dev.construir.machine.HypervisorException;
import dev.construir.scratch.Scratch;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The scratch directory of a hypervisor, which is opened, and swept, when the first machine needs it: a hypervisor that
 * is dropped before it did anything has nothing to clean up. Safe for use by many threads.
 *
 * @since 0.1
 */
public final class MachineScratch implements AutoCloseable {
    private final Path root;
    private final Scratch.LeftoverHandler leftover;
    private @Nullable Scratch opened;
    private boolean closed;

    /**
     * Creates the place without touching it.
     *
     * @param root where it is; created if it is missing
     * @param leftover ends the machine of a directory that a dead process left; called before the directory is removed,
     *     which stays if that fails
     */
    public MachineScratch(Path root, Scratch.LeftoverHandler leftover) {
        this.root = Objects.requireNonNull(root, "root");
        this.leftover = Objects.requireNonNull(leftover, "leftover");
    }

    /**
     * Returns where it is.
     *
     * @return the path, whether there is something or not
     */
    public Path root() {
        return root;
    }

    /**
     * Returns the directory.
     *
     * @return the same one at every call until it is released
     * @throws HypervisorException if it cannot be used, or was closed
     */
    public synchronized Scratch open() throws HypervisorException {
        if (closed) {
            throw new HypervisorException("the hypervisor was closed");
        }
        if (opened == null) {
            try {
                opened = Scratch.open(root, leftover);
            } catch (IOException e) {
                throw new HypervisorException(
                        "the scratch directory " + root + " cannot be used: " + Reason.of(e)
                                + "; see that it is this user's and that there is room, or name another one",
                        e);
            }
        }
        return opened;
    }

    /** Removes what is there, until it is opened again. */
    public synchronized void release() {
        if (opened != null) {
            opened.close();
            opened = null;
        }
    }

    /** Removes what is there, and opens nothing any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        release();
    }

    /** Returns where machines keep their files. */
    @Override
    public String toString() {
        return "scratch directory of machines in " + root;
    }
}
