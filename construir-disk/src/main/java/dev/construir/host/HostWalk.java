package dev.construir.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Walks a directory of the host in the byte order of names. Keeps directories open while it visits them and enters them
 * one name at a time, so that a link put in the place of a directory is not followed.
 */
public final class HostWalk implements Closeable {
    private final Predicate<Path> which;
    private final Opener opener;
    private final OpenDirectory top;
    private final Optional<SystemCalls> calls;
    private final Deque<Level> levels = new ArrayDeque<>();

    /**
     * Opens the directory.
     *
     * @param directory the directory, or a link to it
     * @param which asked for each path, beginning with that of the directory, whether it is one of the tree
     */
    public HostWalk(Path directory, Predicate<Path> which) throws IOException {
        this.which = which;
        Path path = directory.toRealPath();
        Optional<SystemCalls> calls =
                Files.isDirectory(OpenDirectory.DESCRIPTORS) ? SystemCalls.available() : Optional.empty();
        if (calls.isPresent()) {
            opener = name -> OpenDirectory.toRead(name, calls.get());
            top = opener.open(path);
        } else {
            OpenDirectory.Top byJava = OpenDirectory.top(path, new ProcFdPaths());
            opener = name -> OpenDirectory.open(name, byJava.descriptors());
            top = byJava.directory();
        }
        this.calls = calls;
        try {
            levels.push(new Level(directory, HostDirectory.target(top), top));
        } catch (IOException | RuntimeException e) {
            top.close();
            throw e;
        }
    }

    /** Opens a directory by its name. */
    private interface Opener {
        OpenDirectory open(Path path) throws IOException;
    }

    /** A directory being walked: its displayed path, the open directory, and the names left. */
    private final class Level {
        final Path path;
        final HostDirectory place;
        final Iterator<HostEntry> entries;

        Level(Path path, HostDirectory place, OpenDirectory held) throws IOException {
            this.path = path;
            this.place = place;
            List<HostEntry> all = new ArrayList<>();
            for (Path name : held.names()) {
                Path shown = path.resolve(name);
                if (which.test(shown)) {
                    all.add(new HostEntry(place, shown, name, HostName.of(name)));
                }
            }
            // Bytes, not text: the order must not depend on the host's locale.
            all.sort((a, b) -> Arrays.compareUnsigned(a.bytes(), b.bytes()));
            entries = all.iterator();
        }
    }

    /** Opens a directory that was looked at. */
    private record Opening(HostEntry entry, Object expected, Opener opener) implements HostDirectory.Opening {
        @Override
        public OpenDirectory first(HostDirectory parent) throws IOException {
            return again(parent, expected);
        }

        @Override
        public OpenDirectory again(HostDirectory parent, Object key) throws IOException {
            Path path = parent.resolve(entry.name());
            try {
                OpenDirectory held = opener.open(path);
                if (held.key().equals(key)) {
                    return held;
                }
                held.close();
            } catch (FileSystemException e) {
                throw entry.shown(path, e);
            }
            throw entry.replaced();
        }

        @Override
        public OpenDirectory above(OpenDirectory below) throws IOException {
            return opener.open(below.above());
        }
    }

    /** Returns the next entry, or null behind the last one. It can be looked at until this is called again. */
    @Nullable
    public HostEntry next() throws IOException {
        while (!levels.isEmpty()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            Level level = levels.element();
            if (level.entries.hasNext()) {
                boolean unused = level.place.open();
                return level.entries.next();
            }
            leave(levels.pop());
        }
        return null;
    }

    /** Enters the directory that was returned last, given its key at that time. */
    public void enter(HostEntry directory, Object key) throws IOException {
        HostDirectory place = directory.place().child(new Opening(directory, key, opener));
        boolean unused = place.open();
        try {
            levels.push(new Level(directory.shown(), place, place.held()));
        } catch (FileSystemException e) {
            throw directory.shown(place.held().path(), e);
        }
    }

    /** Goes up by one level, as the path from the top may be long. */
    private static void leave(Level level) throws IOException {
        if (level.place.depth() > 0) {
            boolean unused = level.place.open();
            level.place.holdParent();
            level.place.close();
        }
    }

    /** Returns what files can be held open by as well. */
    public Optional<SystemCalls> calls() {
        return calls;
    }

    @Override
    public void close() throws IOException {
        try (top) {
            for (Level level : levels) {
                level.place.closeAllBelowTarget();
            }
        }
    }
}
