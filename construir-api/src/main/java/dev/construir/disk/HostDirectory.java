package dev.construir.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A directory of the host's below the target of an extraction, which is made when the first thing is to go into it. */
final class HostDirectory {
    private final Path path;
    private final int depth;
    private final @Nullable HostDirectory parent;
    private final Making making;
    private State state;

    /** Makes the directory, or finds it made. Returns false if the host refuses that, which it reports. */
    @FunctionalInterface
    interface Making {
        boolean succeeds() throws IOException;
    }

    private enum State {
        NOT_NEEDED,
        OPEN,
        REFUSED
    }

    private HostDirectory(Path path, int depth, @Nullable HostDirectory parent, Making making, State state) {
        this.path = path;
        this.depth = depth;
        this.parent = parent;
        this.making = making;
        this.state = state;
    }

    /** Returns the target, which is there. */
    static HostDirectory target(Path path) {
        return new HostDirectory(path, 0, null, () -> true, State.OPEN);
    }

    HostDirectory child(Path childPath, Making childMaking) {
        return new HostDirectory(childPath, depth + 1, this, childMaking, State.NOT_NEEDED);
    }

    Path path() {
        return path;
    }

    /** Returns how many levels below the target it is. */
    int depth() {
        return depth;
    }

    /** Makes it after those it is in, unless that was done. Returns false if one of them cannot be had. */
    boolean open() throws IOException {
        if (state == State.NOT_NEEDED) {
            boolean made = (parent == null || parent.open()) && making.succeeds();
            state = made ? State.OPEN : State.REFUSED;
        }
        return state == State.OPEN;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isRefused() {
        return state == State.REFUSED;
    }
}
