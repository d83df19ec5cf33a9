package dev.construir.qemu;

import dev.construir.Reason;
import dev.construir.machine.HypervisorException;
import dev.construir.qemu.process.Leftovers;
import dev.construir.scratch.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The scratch directory of a hypervisor, which is opened, and swept, when the first machine needs it: a hypervisor that is dropped
 * before it did anything has nothing to clean up. Safe for use by many threads.
 */
final class MachineScratch implements AutoCloseable {
    private final Path root;
    private @Nullable Scratch opened;
    private boolean closed;

    MachineScratch(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /**
     * Returns the directory.
     *
     * @throws HypervisorException if it cannot be used, or was closed
     */
    synchronized Scratch open() throws HypervisorException {
        if (closed) {
            throw new HypervisorException("the hypervisor was closed");
        }
        if (opened == null) {
            try {
                opened = Scratch.open(root, Leftovers::end);
            } catch (IOException e) {
                throw new HypervisorException(
                        "the scratch directory " + root + " cannot be used: " + Reason.of(e)
                                + "; see that it is this user's and that there is room, or name another one",
                        e);
            }
        }
        return opened;
    }

    /** Removes what is there, and opens nothing any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        if (opened != null) {
            opened.close();
        }
    }
}
