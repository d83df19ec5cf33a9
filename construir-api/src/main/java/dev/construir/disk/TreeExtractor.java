package dev.construir.disk;

import dev.construir.DiskFormatException;
import dev.construir.Reason;
import dev.construir.disk.ExtractTarget.InTheWayException;
import dev.construir.disk.Siblings.Name;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Extracts what is selected of what a guest wrote. It never leaves its target: it goes down from there one name at a time, into directories
 * that it made or found to be no symbolic links, and holds open; so no link on the way can lead elsewhere, whether a guest planted it, it
 * was there before, or another process puts it there meanwhile. A directory is made, after those it is in, when the first thing is to go
 * into it. Nothing is written to what exists: files come complete from a place of their own, and what is in their way is replaced.
 */
final class TreeExtractor {
    private static final long NO_RECORD = -1;
    /** Linux takes no longer ones, and what goes deeper could hardly be removed. */
    private static final int MAX_PATH = 4095;

    private final ExtractTarget target;
    private final Volume volume;
    private final ReadLimits limits;
    private final ExtractOptions options;
    private final Tally tally;
    private final FileExtractor extractor;
    private final DirectoryBudget budget;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private final Set<Long> shared = new HashSet<>();
    private final Set<Long> entered = new HashSet<>();
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
        this.options = options;
        this.tally = tally;
        this.extractor = new FileExtractor(volume, tally);
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
                entered.add(node.number());
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
            tally.skip(node.path(), e);
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
                tally.skip(frame.node().path(), e);
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
            tally.skip(path, e);
        }
    }

    private void entry(Node node, Name name, HostDirectory into, boolean selected, @Nullable Descent below)
            throws IOException {
        Path hostName = hostName(node, name, into);
        if (hostName != null && node.inode().isDirectory()) {
            directory(into.child(name.bytes(), new Making(node, name, hostName)), node, selected, below);
        } else if (hostName != null && into.open()) {
            leaf(node, name, into, hostName);
        }
    }

    /** Returns an entry's name on this host, or null if it cannot have it. */
    private @Nullable Path hostName(Node node, Name name, HostDirectory into) {
        if (into == target.directory() && ExtractTarget.isMark(name.bytes())) {
            tally.skip(node.path(), "its name is that of the mark of what is incomplete");
            return null;
        }
        if (into.lengthOf(name.bytes()) > MAX_PATH) {
            tally.skip(node.path(), "this host refuses it: its path has more than " + MAX_PATH + " bytes");
            return null;
        }
        try {
            return HostName.path(name.bytes());
        } catch (InvalidPathException e) {
            tally.skip(node.path(), "this host cannot have such a name");
            return null;
        }
    }

    private void leaf(Node node, Name name, HostDirectory into, Path hostName) throws IOException {
        last = node.path();
        try {
            int kind = node.inode().mode() & Inode.KIND;
            switch (kind) {
                case Inode.FILE -> file(node, name, into, hostName);
                case Inode.LINK -> link(node, name, into, hostName);
                default -> tally.skip(node.path(), special(kind));
            }
        } catch (FileSystemException e) {
            refused(node, e);
        }
    }

    /** Reports that the host refuses an entry. */
    private void refused(Node node, FileSystemException e) throws IOException {
        tally.skip(
                node.path(),
                e instanceof InTheWayException
                        ? Objects.requireNonNullElse(e.getReason(), "in the way")
                        : target.reason(e));
    }

    private static String special(int kind) {
        return switch (kind) {
            case Inode.CHARACTER_DEVICE, Inode.BLOCK_DEVICE -> "a device";
            case Inode.PIPE -> "a pipe";
            case Inode.SOCKET -> "a socket";
            default -> "of no known kind";
        };
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
                FileExtractor.finish(place.held(), directory.inode());
                tally.modeOf(directory);
            }
        } catch (FileSystemException e) {
            tally.skip(directory.path(), "its mode and time: " + Reason.withoutFile(e));
        }
    }

    /** How the directory of an entry is opened. */
    private final class Making implements HostDirectory.Opening {
        private final Node node;
        private final Name name;
        private final Path hostName;

        Making(Node node, Name name, Path hostName) {
            this.node = node;
            this.name = name;
            this.hostName = hostName;
        }

        @Override
        public @Nullable HeldDirectory first(HostDirectory parent) throws IOException {
            try {
                return make(parent, parent.resolve(hostName));
            } catch (FileSystemException e) {
                refused(node, e);
                return null;
            }
        }

        private HeldDirectory make(HostDirectory parent, Path path) throws IOException {
            try {
                Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY);
            } catch (FileAlreadyExistsException e) {
                target.checkTwin(path, name);
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    return opened(path);
                }
                Files.delete(path);
                Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY);
            }
            target.made(parent, hostName);
            name.extracted();
            tally.directory(node.inode());
            return target.openMade(path);
        }

        private HeldDirectory opened(Path path) throws IOException {
            HeldDirectory held = target.open(path);
            try {
                FileExtractor.open(held);
                name.extracted();
                return held;
            } catch (IOException | RuntimeException e) {
                held.close();
                throw e;
            }
        }

        @Override
        public @Nullable HeldDirectory again(HostDirectory parent, Object key) throws IOException {
            try {
                HeldDirectory held = target.open(parent.resolve(hostName));
                if (held.key().equals(key)) {
                    return held;
                }
                held.close();
                tally.skip(node.path(), "another directory has taken its place");
            } catch (FileSystemException e) {
                refused(node, e);
            }
            return null;
        }
    }

    private void file(Node node, Name name, HostDirectory into, Path hostName) throws IOException {
        Path path = into.resolve(hostName);
        boolean isShared = node.inode().links() > 1;
        if (isShared
                && shared.contains(node.number())
                && target.link(path, target.staging().shared(node.number()), name)) {
            target.made(into, hostName);
            tally.name(node.inode());
            return;
        }
        long size = node.inode().size();
        if (size > limits.bytes().bytes() - tally.bytes()) {
            throw new LimitException(
                    node.path() + ", of " + size + " bytes, would make it more than " + limits.bytes() + ", the limit");
        }
        try {
            write(node, name, into, hostName, target.staging(), isShared);
        } catch (AtomicMoveNotSupportedException e) {
            // Another file system begins there.
            try (Staging near = target.stagingIn(into)) {
                write(node, name, into, hostName, near, false);
            }
        }
        target.made(into, hostName);
        tally.file(node.inode());
        tally.modeOf(node);
    }

    /** Writes a file in a place of its own and gives it its name. One that may get further names is kept there, too. */
    private void write(Node node, Name name, HostDirectory into, Path hostName, Staging staging, boolean isShared)
            throws IOException {
        boolean moved = false;
        try {
            extractor.copy(node, staging.directory(), Staging.PART);
            if (isShared) {
                share(node, staging);
            }
            target.move(staging, into, hostName, name);
            moved = true;
        } finally {
            if (!moved) {
                staging.discard();
            }
        }
    }

    private void share(Node node, Staging staging) throws IOException {
        try {
            staging.share(node.number());
            shared.add(node.number());
        } catch (FileSystemException | UnsupportedOperationException e) {
            shared.remove(node.number()); // this host has no hard links: there will be copies
        }
    }

    private void link(Node node, Name name, HostDirectory into, Path hostName) throws IOException {
        if (options.links() == ExtractOptions.Links.SKIP) {
            tally.skip(node.path(), "a symbolic link");
            return;
        }
        byte[] text = node.target(volume);
        if (!LinkTarget.staysInside(text, into.depth())) {
            tally.skip(node.path(), "a symbolic link that may lead outside, to " + DiskPath.text(text));
            return;
        }
        Path to;
        try {
            to = HostName.path(text);
        } catch (InvalidPathException e) {
            tally.skip(node.path(), "a symbolic link to a name this host cannot have");
            return;
        }
        try {
            Path path = into.resolve(hostName);
            target.create(path, name, () -> Files.createSymbolicLink(path, to));
            target.made(into, hostName);
            tally.link(node.inode());
        } catch (UnsupportedOperationException e) {
            tally.skip(node.path(), "a symbolic link, which this host has none of");
        }
    }
}
