package dev.construir.disk;

import dev.construir.DiskFormatException;
import dev.construir.Reason;
import dev.construir.disk.Siblings.Name;
import dev.construir.host.HostName;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Extracts what is selected of what a guest wrote. It never leaves its target: it goes down from there one name at a time, into directories
 * that it made or found to be no symbolic links, and holds open; so no link on the way can lead elsewhere, whether a guest planted it, it
 * was there before, or another process puts it there meanwhile. A directory is made, after those it is in, when the first thing is to go
 * into it. Nothing is written to what exists: files come complete from a place of their own, and what is in their way is replaced.
 */
final class TreeExtractor {
    private static final long NO_RECORD = -1;

    private final ExtractTarget target;
    private final Volume volume;
    private final ReadLimits limits;
    private final Tally tally;
    private final EntryExtractor entryExtractor;
    private final HostMetadata metadata;
    private final DirectoryBudget budget;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final BlockSet entered = new BlockSet();
    private String last = "/";
    private long entries;

    /** A directory that is gone through. */
    private record Frame(
            Node node, HostDirectory place, Siblings siblings, DirectoryRecords records, Descent descent) {}

    /** Runs once. */
    TreeExtractor(Volume volume, ReadLimits limits, ExtractOptions options, ExtractTarget target, Tally tally)
            throws IOException {
        this.target = target;
        this.volume = volume;
        this.limits = limits;
        this.tally = tally;
        this.metadata = new HostMetadata(tally);
        this.entryExtractor = new EntryExtractor(volume, limits, options.links(), target, metadata, tally);
        this.budget = new DirectoryBudget(volume.geometry(), limits, Interrupts.HEEDED);
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
    void run(Node node, Descent descent) throws IOException {
        try {
            if (node.inode().isDirectory()) {
                boolean unused = entered.add(node.number());
                enter(node, target.directory(), descent);
            } else {
                boolean unused = descent.includes(node); // it was named, so it is wanted
                entry(
                        node,
                        new Siblings(volume).name(DiskPath.utf8(node.name()), NO_RECORD),
                        target.directory(),
                        true,
                        null);
            }
        } catch (LimitException e) {
            throw e;
        } catch (DiskFormatException e) {
            tally.lose(node.path(), e);
        }
        while (!frames.isEmpty()) {
            Frame frame = frames.element();
            if (!frame.place().isRefused() && next(frame)) {
                entry(frame);
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

    private void enter(Node node, HostDirectory place, Descent descent) throws IOException {
        frames.push(new Frame(node, place, new Siblings(volume), node.records(volume, budget), descent));
    }

    private void leave(Frame frame) throws IOException {
        if (frame.place() != target.directory() && frame.place().isNeeded()) {
            finish(frame.node(), frame.place());
        }
    }

    /** Goes to the next record, beyond blocks that are damaged. */
    private boolean next(Frame frame) throws IOException {
        while (true) {
            try {
                return frame.records().next();
            } catch (LimitException e) {
                throw e;
            } catch (DiskFormatException e) {
                tally.lose(frame.node().path(), e);
            }
        }
    }

    private void entry(Frame frame) throws IOException {
        Interrupts.HEEDED.check();
        DirectoryRecords records = frame.records();
        byte[] bytes = records.name();
        String path = DiskPath.child(frame.node().path(), bytes);
        if (++entries > limits.entries()) {
            throw new LimitException("more than " + limits.entries() + " entries, the limit; " + path + " is next");
        }
        limits.checkPath(path);
        try {
            Node node = new Node(path, records.number(), records.inode());
            boolean selected = frame.descent().includes(node);
            Descent below = node.inode().isDirectory() ? frame.descent().below(node) : null;
            if (selected || below != null) {
                entry(node, frame.siblings().name(bytes, records.position()), frame.place(), selected, below);
            }
        } catch (LimitException e) {
            throw e;
        } catch (DiskFormatException e) {
            // A guest that was killed leaves such damage without malice. What else it wrote may be what tells why.
            tally.lose(path, e);
        }
    }

    private void entry(Node node, Name name, HostDirectory into, boolean selected, @Nullable Descent below)
            throws IOException {
        Path hostName = hostName(node, name, into);
        if (hostName != null && node.inode().isDirectory()) {
            directory(into.child(new DirectoryExtractor(target, tally, node, name, hostName)), node, selected, below);
        } else if (hostName != null && into.open()) {
            last = node.path();
            entryExtractor.extract(node, name, into, hostName);
        }
    }

    /** Returns an entry's name on this host, or null if it cannot have it. */
    private @Nullable Path hostName(Node node, Name name, HostDirectory into) {
        if (into == target.directory() && ExtractTarget.isMark(name.bytes())) {
            tally.lose(node.path(), "its name is that of the mark of what is incomplete");
            return null;
        }
        try {
            return HostName.path(name.bytes());
        } catch (InvalidPathException e) {
            tally.lose(node.path(), "this host cannot have such a name");
            return null;
        }
    }

    private void directory(HostDirectory place, Node node, boolean selected, @Nullable Descent below)
            throws IOException {
        if (place.depth() > limits.depth()) {
            throw new LimitException(node.path() + " is deeper than " + limits.depth() + " directories, the limit");
        }
        if (!entered.add(node.number())) {
            tally.skip(node.path(), "a directory that has another name");
            return;
        }
        if (selected && !place.open()) {
            return;
        }
        boolean isEntered = false;
        try {
            if (below != null) {
                enter(node, place, below);
                isEntered = true;
            }
        } finally {
            if (!isEntered && place.isNeeded()) {
                finish(node, place);
            }
        }
    }

    private void finish(Node directory, HostDirectory place) throws IOException {
        try (place) {
            if (place.open()) {
                place.holdParent(); // its mode may take away the way up
                KeptRights rights = KeptRights.of(volume, directory);
                tally.rights(directory, rights);
                metadata.finish(place.held(), directory, rights.mode());
            }
        } catch (FileSystemException e) {
            tally.skip(directory.path(), "its mode and time: " + Reason.withoutFile(e));
        }
    }
}
