package dev.construir.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the host's below the target of an extraction. It is made for its first entry and stays open until
 * complete. Of deeply nested directories only the last few stay open; the others are opened again when needed.
 */
public final class HostDirectory implements Closeable {
    /** A process may have 1,024 files open, and other code needs some. */
    private static final int MOST_HELD = 32;

    private final int depth;
    private final @Nullable HostDirectory parent;
    private final Opening opening;
    /** All open directories below the target. */
    private final Set<HostDirectory> open;

    private State state;
    private @Nullable OpenDirectory held;
    private @Nullable Object key;

    /** Opens the directory; null if the host refuses, which was reported. */
    public interface Opening {
        /** Makes the directory, or finds it made. */
        @Nullable
        OpenDirectory first(HostDirectory parent) throws IOException;

        /** Opens the directory that was opened before. */
        @Nullable
        OpenDirectory again(HostDirectory parent, Object key) throws IOException;

        /** Opens the parent of an open directory. */
        OpenDirectory above(OpenDirectory below) throws IOException;
    }

    private enum State {
        NOT_NEEDED,
        NEEDED,
        REFUSED
    }

    private HostDirectory(
            int depth, @Nullable HostDirectory parent, Opening opening, State state, Set<HostDirectory> open) {
        this.depth = depth;
        this.parent = parent;
        this.opening = opening;
        this.state = state;
        this.open = open;
    }

    /** Returns the target, which its owner holds and closes. */
    public static HostDirectory target(OpenDirectory held) {
        HostDirectory target = new HostDirectory(0, null, new Target(), State.NEEDED, new HashSet<>());
        target.held = held;
        return target;
    }

    public HostDirectory child(Opening childOpening) {
        return new HostDirectory(depth + 1, this, childOpening, State.NOT_NEEDED, open);
    }

    /** Returns the open directory. Valid after {@link #open} returned true, until another directory is opened. */
    public OpenDirectory held() {
        if (held == null) {
            throw new IllegalStateException("not open");
        }
        return held;
    }

    /** Returns the path of a name in it, under the same conditions. */
    public Path resolve(Path name) {
        return held().path().resolve(name);
    }

    /** Returns how many levels below the target it is. */
    public int depth() {
        return depth;
    }

    /** Makes and opens it, parents first. Returns false if that fails for one of them. */
    public boolean open() throws IOException {
        if (held != null) {
            return state == State.NEEDED;
        }
        Deque<HostDirectory> missing = new ArrayDeque<>();
        for (HostDirectory each = this; each != null && each.held == null; each = each.parent) {
            missing.push(each);
        }
        for (HostDirectory each : missing) {
            each.openInParent();
        }
        return state == State.NEEDED;
    }

    private void openInParent() throws IOException {
        if (parent == null || parent.held == null) {
            state = State.REFUSED;
        }
        if (parent != null && state != State.REFUSED) {
            held = key == null ? opening.first(parent) : opening.again(parent, key);
            state = held == null ? State.REFUSED : State.NEEDED;
            if (held != null) {
                open.add(this);
                key = held.key();
            }
            releaseFarAbove();
        }
    }

    private void releaseFarAbove() throws IOException {
        HostDirectory above = this;
        for (int i = 0; i < MOST_HELD && above.parent != null; i++) {
            above = above.parent;
        }
        if (above.parent != null) {
            above.close();
        }
    }

    /**
     * Opens the parent as well, through this directory: going up from a deep one then takes one step per level instead
     * of the path from the target. A directory that was moved is not mistaken for the parent.
     */
    public void holdParent() throws IOException {
        if (held == null || parent == null || parent.held != null || parent.key == null) {
            return;
        }
        OpenDirectory above;
        try {
            above = opening.above(held);
        } catch (FileSystemException e) {
            return; // it can still be opened from the target
        }
        if (above.key().equals(parent.key)) {
            parent.held = above;
            open.add(parent);
        } else {
            above.close();
        }
    }

    /** Returns whether it was made or found made. */
    public boolean isNeeded() {
        return state == State.NEEDED;
    }

    public boolean isRefused() {
        return state == State.REFUSED;
    }

    /** Closes it. */
    @Override
    public void close() throws IOException {
        if (held != null) {
            OpenDirectory last = held;
            held = null;
            open.remove(this);
            last.close();
        }
    }

    /** Closes it and its parents, except the target. */
    public void closeUpwards() throws IOException {
        for (HostDirectory each = this; each.parent != null; each = each.parent) {
            each.close();
        }
    }

    /** Closes all directories below the same target. */
    public void closeAllBelowTarget() throws IOException {
        for (HostDirectory each : List.copyOf(open)) {
            each.close();
        }
    }

    /** The target stays open throughout. */
    private static final class Target implements Opening {
        @Override
        public @Nullable OpenDirectory first(HostDirectory parent) {
            return null;
        }

        @Override
        public @Nullable OpenDirectory again(HostDirectory parent, Object key) {
            return null;
        }

        @Override
        public OpenDirectory above(OpenDirectory below) {
            return below;
        }
    }
}
