package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.NameCollisions.Name;
import dev.construir.disk.read.WalkPrefetcher.Found;
import dev.construir.host.HostDirectory;
import dev.construir.host.HostName;
import dev.construir.text.Reason;
import dev.construir.thread.InterruptPolicy;
import dev.construir.volume.BlockSet;
import dev.construir.volume.DirectoryBudget;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.PathLimit;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Extracts what is selected of what a guest wrote. It never leaves its target: it goes down from there one name at a
 * time, into directories that it made or found to be no symbolic links, and holds open; so no link on the way can lead
 * elsewhere, whether a guest planted it, it was there before, or another process puts it there meanwhile. A directory
 * is made, after those it is in, when the first thing is to go into it. Nothing is written to what exists: files are
 * completed in a staging directory, and what is in their way is replaced.
 */
final class TreeExtractor {
    private final ExtractTarget target;
    private final ExtVolume volume;
    private final ReadLimits limits;
    private final ExtractionCounter counter;
    private final EntryExtractor entryExtractor;
    private final HostMetadata metadata;
    private final WalkPrefetcher walk;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final BlockSet entered = new BlockSet();
    private String last = "/";
    private long entries;

    /** A directory that is gone through. */
    private record Frame(VolumeEntry directory, HostDirectory place, NameCollisions names) {}

    /** Runs once. */
    TreeExtractor(
            ExtVolume volume,
            ReadLimits limits,
            ExtractOptions options,
            ExtractTarget target,
            ExtractionCounter counter)
            throws IOException {
        this.target = target;
        this.volume = volume;
        this.limits = limits;
        this.counter = counter;
        this.metadata = new HostMetadata(counter);
        this.entryExtractor = new EntryExtractor(volume, limits, options.links(), target, counter);
        DirectoryBudget budget = new DirectoryBudget(volume.geometry(), limits, InterruptPolicy.RESPECTED);
        this.walk = new WalkPrefetcher(volume, budget, entryExtractor);
    }

    /** Returns what was looked at last. */
    String last() {
        return last;
    }

    /** Returns how many entries were looked at. */
    long entries() {
        return entries;
    }

    /** Extracts an entry and what is selected below it. */
    void run(VolumeEntry entry, SelectionCursor cursor) throws IOException {
        try (entryExtractor) {
            extract(entry, cursor);
        }
    }

    private void extract(VolumeEntry entry, SelectionCursor cursor) throws IOException {
        try {
            if (entry.inode().isDirectory()) {
                boolean unused = entered.add(entry.number());
                enter(Found.named(entry, cursor), target.directory());
            } else {
                boolean unused = cursor.includes(entry); // it was named, so it is wanted
                entry(Found.named(entry, null), new NameCollisions(volume), target.directory());
            }
        } catch (LimitException e) {
            throw e;
        } catch (DiskFormatException e) {
            counter.lose(entry.path(), e);
        }
        while (!frames.isEmpty()) {
            Frame frame = frames.element();
            if (frame.place().isRefused()) {
                walk.leave();
                leave(frames.remove());
                continue;
            }
            Found found = next(frame);
            if (found != null) {
                entry(frame, found);
                walk.done(found);
            } else {
                leave(frames.remove());
            }
        }
    }

    /** Gives the directories that were not gone through to their end what modes and times they have. */
    void leave() throws IOException {
        while (!frames.isEmpty()) {
            leave(frames.remove());
        }
    }

    private void enter(Found directory, HostDirectory place) throws IOException {
        walk.enter(directory);
        frames.push(new Frame(directory.entry(), place, new NameCollisions(volume)));
    }

    private void leave(Frame frame) throws IOException {
        if (frame.place() != target.directory() && frame.place().isNeeded()) {
            finish(frame.directory(), frame.place());
        }
    }

    /** Returns what is next in a directory, beyond blocks that are damaged; or null. */
    private @Nullable Found next(Frame frame) throws IOException {
        while (true) {
            Found found = walk.next();
            if (found == null || found.hasName()) {
                return found;
            }
            try {
                VolumeEntry unused = found.entry();
            } catch (LimitException e) {
                throw e;
            } catch (DiskFormatException e) {
                counter.lose(frame.directory().path(), e);
            }
        }
    }

    private void entry(Frame frame, Found found) throws IOException {
        InterruptPolicy.RESPECTED.check();
        if (++entries > limits.entries()) {
            throw new LimitException(
                    "more than " + limits.entries() + " entries, the limit; " + found.path() + " is next");
        }
        PathLimit.check(found.path(), limits);
        try {
            VolumeEntry unused = found.entry();
            if (found.isSelected() || found.below() != null) {
                entry(found, frame.names(), frame.place());
            }
        } catch (LimitException e) {
            throw e;
        } catch (DiskFormatException e) {
            // A guest that was killed leaves such damage without malice. What else it wrote may show why.
            counter.lose(found.path(), e);
        }
    }

    private void entry(Found found, NameCollisions names, HostDirectory into) throws IOException {
        VolumeEntry entry = found.entry();
        Name name = names.name(found.name(), found.position());
        Path hostName = hostName(entry, name, into);
        if (hostName != null && entry.inode().isDirectory()) {
            directory(into.child(new DirectoryExtractor(target, counter, entry, name, hostName)), found);
        } else if (hostName != null && into.open()) {
            last = entry.path();
            entryExtractor.extract(entry, name, into, hostName);
        }
    }

    /** Returns an entry's name on this host, or null if it cannot have it. */
    private @Nullable Path hostName(VolumeEntry entry, Name name, HostDirectory into) {
        if (into == target.directory() && ExtractTarget.isMark(name.bytes())) {
            counter.lose(entry.path(), "its name is that of the mark of what is incomplete");
            return null;
        }
        try {
            return HostName.path(name.bytes());
        } catch (InvalidPathException e) {
            counter.lose(entry.path(), "this host cannot have such a name");
            return null;
        }
    }

    private void directory(HostDirectory place, Found found) throws IOException {
        VolumeEntry entry = found.entry();
        if (place.depth() > limits.depth()) {
            throw new LimitException(entry.path() + " is deeper than " + limits.depth() + " directories, the limit");
        }
        if (!entered.add(entry.number())) {
            counter.skip(entry.path(), "a directory that has another name");
            return;
        }
        if (found.isSelected() && !place.open()) {
            return;
        }
        boolean isEntered = false;
        try {
            if (found.below() != null) {
                enter(found, place);
                isEntered = true;
            }
        } finally {
            if (!isEntered && place.isNeeded()) {
                finish(entry, place);
            }
        }
    }

    private void finish(VolumeEntry directory, HostDirectory place) throws IOException {
        try (place) {
            if (place.open()) {
                place.holdParent(); // its mode may take away the way up
                KeptRights rights = KeptRights.of(volume, directory);
                counter.rights(directory, rights);
                metadata.finish(place.held(), directory, rights.mode());
            }
        } catch (FileSystemException e) {
            counter.skip(directory.path(), "its mode and time: " + Reason.withoutFile(e));
        }
    }
}
