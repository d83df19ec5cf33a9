package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.ext.DiskPath;
import dev.construir.volume.BlockSet;
import dev.construir.volume.DirectoryBudget;
import dev.construir.volume.DirectoryRecords;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Goes through directories in the order in which they are extracted, some entries ahead of that, so that files can be
 * copied meanwhile. Entries, ends of directories and damage come when it is their turn. For one thread.
 */
final class WalkPrefetcher {
    private static final int AHEAD = 64;
    private static final long NO_RECORD = -1;
    private static final Found END = new Found("", null, 0, null, false, null, null);

    private final ExtVolume volume;
    private final DirectoryBudget budget;
    private final EntryExtractor extractor;
    /** The directories it is in, the innermost first. */
    private final Deque<Level> levels = new ArrayDeque<>();
    /** What was found and is still to come. */
    private final Deque<Found> found = new ArrayDeque<>();

    private final BlockSet entered = new BlockSet();
    /** Whether the last that was found must be dealt with before it can go on. */
    private boolean stopped;

    private record Level(VolumeEntry directory, DirectoryRecords records, SelectionCursor cursor) {}

    WalkPrefetcher(ExtVolume volume, DirectoryBudget budget, EntryExtractor extractor) {
        this.volume = volume;
        this.budget = budget;
        this.extractor = extractor;
    }

    /** What a record of a directory says. */
    static final class Found {
        private final String path;
        private final byte @Nullable [] name;
        private final long position;
        private final @Nullable VolumeEntry entry;
        private final boolean selected;
        private final @Nullable SelectionCursor below;
        private final @Nullable IOException damage;
        private State state = State.OUTSIDE;
        private @Nullable IOException refusal;

        private Found(
                String path,
                byte @Nullable [] name,
                long position,
                @Nullable VolumeEntry entry,
                boolean selected,
                @Nullable SelectionCursor below,
                @Nullable IOException damage) {
            this.path = path;
            this.name = name;
            this.position = position;
            this.entry = entry;
            this.selected = selected;
            this.below = below;
            this.damage = damage;
        }

        /** Makes one of an entry that was asked for by its name. */
        static Found named(VolumeEntry entry, @Nullable SelectionCursor below) {
            return new Found(entry.path(), DiskPath.utf8(entry.name()), NO_RECORD, entry, true, below, null);
        }

        /** Returns the path of the entry, or of the directory if the record could not be read. */
        String path() {
            return path;
        }

        /** Returns whether the record could be read. */
        boolean hasName() {
            return name != null;
        }

        /** Returns its name. */
        byte[] name() {
            return Objects.requireNonNull(name);
        }

        /** Returns where the record stands on the disk. */
        long position() {
            return position;
        }

        /** Returns the entry, or throws what kept it from being read. */
        VolumeEntry entry() throws IOException {
            if (entry == null) {
                throw Objects.requireNonNull(damage);
            }
            return entry;
        }

        /** Returns whether the entry itself is selected. */
        boolean isSelected() {
            return selected;
        }

        /** Returns what is selected below it, or null. */
        @Nullable
        SelectionCursor below() {
            return below;
        }

        private boolean mayBeCopied() {
            return selected && entry != null;
        }
    }

    /** How far it is with a directory. */
    private enum State {
        /** Nothing of it was read. */
        OUTSIDE,
        /** It was gone into ahead of its turn, or could not be. */
        AHEAD,
        /** What is found next is in it. */
        INSIDE
    }

    /** Goes into a directory that was found. What is found next is in it, up to its end. */
    void enter(Found directory) throws IOException {
        if (directory.refusal != null) {
            throw directory.refusal;
        }
        if (directory.state == State.OUTSIDE) {
            boolean unused = entered.add(directory.entry().number());
            levels.push(level(directory));
        }
        directory.state = State.INSIDE;
    }

    /** Returns what is found next in the directory it was sent into last, or null at its end. */
    @Nullable
    Found next() throws IOException {
        while (!stopped && !levels.isEmpty() && found.size() < ahead(levels.element())) {
            advance();
        }
        Found first = remove();
        return first == END ? null : first;
    }

    /**
     * Says that an entry was dealt with, or refused. If that is a directory that it was not sent into, what is in it is
     * passed by.
     */
    void done(Found record) throws IOException {
        if (record.mayBeCopied()) {
            extractor.forget(record.entry());
        }
        if (record.state == State.AHEAD && record.refusal == null) {
            leave();
        }
    }

    /** Passes by what is left of the directory it was sent into last. */
    void leave() throws IOException {
        int inside = 1;
        while (inside > 0 && !found.isEmpty()) {
            Found passed = remove();
            if (passed == END) {
                inside--;
                continue;
            }
            if (passed.mayBeCopied()) {
                extractor.forget(passed.entry());
            }
            inside += passed.state == State.AHEAD && passed.refusal == null ? 1 : 0;
        }
        for (; inside > 0; inside--) {
            levels.pop();
        }
    }

    private static int ahead(Level level) {
        return level.cursor.knowsAhead() ? AHEAD : 1;
    }

    private Found remove() {
        Found first = found.remove();
        stopped &= !found.isEmpty();
        return first;
    }

    private void advance() throws IOException {
        Level level = levels.element();
        Found next = read(level);
        if (next != null) {
            found.add(next);
            if (next.mayBeCopied()) {
                extractor.announce(next.entry());
            }
        }
        if (next == null || endsDirectory(next.damage)) {
            levels.pop();
            found.add(END);
        } else if (next.below != null) {
            lookInto(next);
        }
    }

    private static boolean endsDirectory(@Nullable IOException damage) {
        return damage != null && (!(damage instanceof DiskFormatException) || damage instanceof LimitException);
    }

    /**
     * Goes into a directory ahead of its turn, unless it was gone into by another name: which of them counts is seen
     * then.
     */
    private void lookInto(Found directory) throws IOException {
        if (!entered.add(directory.entry().number())) {
            stopped = true;
            return;
        }
        directory.state = State.AHEAD;
        try {
            levels.push(level(directory));
        } catch (IOException e) {
            directory.refusal = e;
        }
    }

    private Level level(Found directory) throws IOException {
        VolumeEntry entry = directory.entry();
        return new Level(entry, entry.records(volume, budget), Objects.requireNonNull(directory.below));
    }

    private static @Nullable Found read(Level level) {
        DirectoryRecords records = level.records;
        String path = level.directory.path();
        byte[] name = null;
        long position = 0;
        try {
            if (!records.next()) {
                return null;
            }
            name = records.name();
            position = records.position();
            path = DiskPath.child(path, name);
            VolumeEntry entry = new VolumeEntry(path, records.number(), records.inode());
            boolean selected = level.cursor.includes(entry);
            SelectionCursor below = entry.inode().isDirectory() ? level.cursor.below(entry) : null;
            return new Found(path, name, position, entry, selected, below, null);
        } catch (IOException e) {
            return new Found(path, name, position, null, false, null, e);
        }
    }
}
