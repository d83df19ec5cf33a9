package dev.construir.disk;

import dev.construir.DiskFormatException;
import dev.construir.Reason;
import dev.construir.disk.ExtractTarget.InTheWayException;
import dev.construir.disk.Siblings.Name;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Extracts what is selected of what a guest wrote. It never leaves its target: it goes down from the target's real path one name at a
 * time, into directories that it made or found to be no symbolic links, and later entries never replace a directory; so no link on the
 * way can lead elsewhere, whether a guest planted it or it was there before. A directory is made, after those it is in, when the first
 * thing is to go into it. Nothing is opened that exists: what is in the way is removed, and the file made anew.
 * That the target changes under its hands is not provided for: it is the caller's, and the guest is gone.
 */
final class Extraction {
    private static final int MAX_SKIPPED_KEPT = 1000;
    private static final long NO_RECORD = -1;

    private final HostDirectory top;
    private final ExtractTarget at;
    private final Volume volume;
    private final ReadLimits limits;
    private final ExtractOptions options;
    private final FileExtractor extractor;
    private final DirectoryBudget budget;
    private final Map<Long, Path> shared = new HashMap<>();
    private final Set<Long> entered = new HashSet<>();
    private final List<String> skipped = new ArrayList<>();
    private String last = "/";
    private long skippedTotal;
    private long entries;
    private long files;
    private long directories;
    private long links;
    private long bytes;

    /** Prepares an extraction, which runs once, into a directory of the host's by its real path. */
    Extraction(Volume volume, ReadLimits limits, ExtractOptions options, Path top) {
        this.top = HostDirectory.target(top);
        this.at = new ExtractTarget(top);
        this.volume = volume;
        this.limits = limits;
        this.options = Objects.requireNonNull(options, "options");
        this.extractor = new FileExtractor(volume);
        this.budget = new DirectoryBudget(volume.geometry(), limits, Interrupts.HEEDED);
    }

    ExtractReport run(Node node) throws IOException, InterruptedException {
        Descent descent = options.selection().begin();
        try {
            extract(node, descent);
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw interrupted(e);
        } catch (DiskFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(
                    Reason.of(e) + ", at " + last + "; what was extracted by then stays: " + files
                            + (files == 1 ? " file" : " files"),
                    e);
        }
        return new ExtractReport(files, directories, links, bytes, skipped, skippedTotal, descent.unmatched());
    }

    private void extract(Node node, Descent descent) throws IOException {
        try {
            if (node.inode().isDirectory()) {
                entered.add(node.number());
                content(node, top, descent);
            } else {
                boolean unused = descent.includes(node); // it was named, so it is wanted
                Name name = new Siblings(volume).name(DiskPath.utf8(node.name()), NO_RECORD);
                Path path = resolve(node, name, top);
                if (path != null) {
                    leaf(node, name, top, path);
                }
            }
        } catch (LimitException e) {
            throw e;
        } catch (DiskFormatException e) {
            skip(node.path(), e);
        }
    }

    private InterruptedException interrupted(ClosedByInterruptException cause) {
        InterruptedException e = new InterruptedException("interrupted after " + entries + " entries");
        e.initCause(cause);
        return e;
    }

    /** Extracts what is selected in a directory. */
    private void content(Node node, HostDirectory into, Descent descent) throws IOException {
        Siblings siblings = new Siblings(volume);
        DirectoryRecords records = node.records(volume, budget);
        while (!into.isRefused() && next(records, node)) {
            Interrupts.HEEDED.check();
            byte[] name = records.name();
            String path = DiskPath.child(node.path(), name);
            if (++entries > limits.entries()) {
                throw new LimitException("more than " + limits.entries() + " entries, the limit; " + path + " is next");
            }
            try {
                Node child = new Node(path, records.number(), records.inode());
                entry(child, siblings.name(name, records.position()), into, descent);
            } catch (LimitException e) {
                throw e;
            } catch (DiskFormatException e) {
                // A guest that was killed leaves such damage without malice. What else it wrote may be what tells why.
                skip(path, e);
            }
        }
    }

    /** Goes to the next record, beyond blocks that are damaged. */
    private boolean next(DirectoryRecords records, Node directory) throws IOException {
        while (true) {
            try {
                return records.next();
            } catch (LimitException e) {
                throw e;
            } catch (DiskFormatException e) {
                skip(directory.path(), e);
            }
        }
    }

    private void entry(Node node, Name name, HostDirectory into, Descent descent) throws IOException {
        boolean selected = descent.includes(node);
        Descent below = node.inode().isDirectory() ? descent.below(node) : null;
        Path path = selected || below != null ? resolve(node, name, into) : null;
        if (path != null && node.inode().isDirectory()) {
            directory(into.child(path, () -> taken(node, () -> open(path, name))), node, selected, below);
        } else if (path != null && into.open()) {
            leaf(node, name, into, path);
        }
    }

    /** Returns where an entry goes, or null if it cannot. */
    private @Nullable Path resolve(Node node, Name name, HostDirectory into) {
        try {
            return HostName.resolve(into.path(), name.bytes());
        } catch (InvalidPathException e) {
            skip(node.path(), "this host cannot have such a name");
            return null;
        }
    }

    private void leaf(Node node, Name name, HostDirectory into, Path path) throws IOException {
        last = node.path();
        int kind = node.inode().mode() & Inode.KIND;
        boolean unused = taken(node, () -> {
            switch (kind) {
                case Inode.FILE -> file(node, name, path);
                case Inode.LINK -> link(node, name, path, into.depth());
                default -> skip(node.path(), special(kind));
            }
        });
    }

    /** Makes an entry. Returns false, and reports, if the host refuses this one. */
    private boolean taken(Node node, ExtractTarget.Creation creation) throws IOException {
        try {
            creation.run();
            return true;
        } catch (InTheWayException e) {
            skip(node.path(), Objects.requireNonNullElse(e.getReason(), "in the way"));
        } catch (FileSystemException e) {
            skip(node.path(), at.reason(e));
        }
        return false;
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
            skip(node.path(), "a directory that has another name");
            return;
        }
        if (selected && !place.open()) {
            return;
        }
        try {
            if (below != null) {
                content(node, place, below);
            }
        } finally {
            if (place.isOpen()) {
                reportSetId(node);
                finish(node, place.path());
            }
        }
    }

    private void open(Path path, Name name) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            at.checkTwin(path, name);
            extractor.open(path);
            name.extracted();
        } else {
            at.create(path, name, () -> Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY));
            directories++;
        }
    }

    /** Must not hide why the extraction ends. */
    private void finish(Node directory, Path path) throws IOException {
        try {
            extractor.finish(path, directory.inode());
        } catch (FileSystemException e) {
            skip(directory.path(), "its mode and time: " + Objects.requireNonNullElse(e.getReason(), e.toString()));
        }
    }

    private void file(Node node, Name name, Path path) throws IOException {
        boolean isShared = node.inode().links() > 1;
        Path first = isShared ? shared.get(node.number()) : null;
        if (first != null && Files.isRegularFile(first, LinkOption.NOFOLLOW_LINKS) && at.link(path, first, name)) {
            files++;
            return;
        }
        long size = node.inode().size();
        if (size > limits.bytes().bytes() - bytes) {
            throw new LimitException(
                    node.path() + ", of " + size + " bytes, would make it more than " + limits.bytes() + ", the limit");
        }
        at.create(path, name, () -> extractor.copy(node, path));
        reportSetId(node);
        files++;
        bytes += size;
        if (isShared) {
            shared.put(node.number(), path);
        }
    }

    private void link(Node node, Name name, Path path, int depth) throws IOException {
        if (options.links() == ExtractOptions.Links.SKIP) {
            skip(node.path(), "a symbolic link");
            return;
        }
        byte[] target = node.target(volume);
        if (!LinkTarget.staysInside(target, depth)) {
            skip(node.path(), "a symbolic link that may lead outside, to " + DiskPath.text(target));
            return;
        }
        Path text;
        try {
            text = HostName.path(target);
        } catch (InvalidPathException e) {
            skip(node.path(), "a symbolic link to a name this host cannot have");
            return;
        }
        try {
            at.create(path, name, () -> Files.createSymbolicLink(path, text));
            links++;
        } catch (UnsupportedOperationException e) {
            skip(node.path(), "a symbolic link, which this host has none of");
        }
    }

    private void reportSetId(Node node) {
        if ((node.inode().mode() & 06000) != 0) {
            skip(node.path(), "its set-id bits");
        }
    }

    private void skip(String path, DiskFormatException damage) {
        skip(path, Objects.requireNonNullElse(damage.getMessage(), "damaged"));
    }

    private void skip(String path, String reason) {
        skippedTotal++;
        if (skipped.size() < MAX_SKIPPED_KEPT) {
            skipped.add(path + ": " + reason);
        }
    }
}
