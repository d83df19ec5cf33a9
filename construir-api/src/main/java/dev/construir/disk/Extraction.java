package dev.construir.disk;

import dev.construir.DiskFormatException;
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

/**
 * Extracts what a guest wrote. It never leaves its target: it goes down from the target's real path one name at a time, into directories
 * that it made or found to be no symbolic links, and later entries never replace a directory; so no link on the way can lead elsewhere,
 * whether a guest planted it or it was there before. Nothing is opened that exists: what is in the way is removed, and the file made anew.
 * That the target changes under its hands is not provided for: it is the caller's, and the guest is gone.
 */
final class Extraction {
    private static final int MAX_SKIPPED_KEPT = 1000;
    private static final long NO_RECORD = -1;

    private final Path top;
    private final ExtractTarget at;
    private final Volume volume;
    private final ReadLimits limits;
    private final ExtractOptions options;
    private final FileExtractor extractor;
    private final DirectoryBudget budget;
    private final Map<Long, Path> shared = new HashMap<>();
    private final Set<Long> entered = new HashSet<>();
    private final List<String> skipped = new ArrayList<>();
    private long skippedTotal;
    private long entries;
    private long files;
    private long directories;
    private long links;
    private long bytes;

    /** Prepares an extraction, which runs once, into a directory of the host's by its real path. */
    Extraction(Volume volume, ReadLimits limits, ExtractOptions options, Path top) {
        this.top = top;
        this.at = new ExtractTarget(top);
        this.volume = volume;
        this.limits = limits;
        this.options = Objects.requireNonNull(options, "options");
        this.extractor = new FileExtractor(volume);
        this.budget = new DirectoryBudget(volume.geometry(), limits, Interrupts.HEEDED);
    }

    ExtractReport run(Node node) throws IOException, InterruptedException {
        try {
            extract(node);
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw interrupted(e);
        }
        return new ExtractReport(files, directories, links, bytes, skipped, skippedTotal);
    }

    private void extract(Node node) throws IOException {
        try {
            if (node.inode().isDirectory()) {
                entered.add(node.number());
                content(node, top, 0);
            } else {
                byte[] name = DiskPath.utf8(node.path().substring(node.path().lastIndexOf('/') + 1));
                entry(node, new Siblings(volume).name(name, NO_RECORD), top, 0);
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

    /** Extracts what a directory holds into a directory of the host, which is real and so many levels below the target. */
    private void content(Node node, Path into, int depth) throws IOException {
        Siblings siblings = new Siblings(volume);
        DirectoryRecords records = node.records(volume, budget);
        while (next(records, node)) {
            Interrupts.HEEDED.check();
            byte[] name = records.name();
            String path = DiskPath.child(node.path(), name);
            if (!options.select().test(path)) {
                continue;
            }
            if (++entries > limits.entries()) {
                throw new LimitException("more than " + limits.entries() + " entries, the limit; " + path + " is next");
            }
            try {
                Node child = new Node(path, records.number(), records.inode());
                entry(child, siblings.name(name, records.position()), into, depth);
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

    private void entry(Node node, Name name, Path into, int depth) throws IOException {
        Path path;
        try {
            path = HostName.resolve(into, name.bytes());
        } catch (InvalidPathException e) {
            skip(node.path(), "this host cannot have such a name");
            return;
        }
        int kind = node.inode().mode() & Inode.KIND;
        try {
            switch (kind) {
                case Inode.DIRECTORY -> directory(node, name, path, depth);
                case Inode.FILE -> file(node, name, path);
                case Inode.LINK -> link(node, name, path, depth);
                default -> skip(node.path(), special(kind));
            }
        } catch (InTheWayException e) {
            skip(node.path(), Objects.requireNonNullElse(e.getReason(), "in the way"));
        } catch (FileSystemException e) {
            skip(node.path(), at.reason(e));
        }
    }

    private static String special(int kind) {
        return switch (kind) {
            case Inode.CHARACTER_DEVICE, Inode.BLOCK_DEVICE -> "a device";
            case Inode.PIPE -> "a pipe";
            case Inode.SOCKET -> "a socket";
            default -> "of no known kind";
        };
    }

    private void directory(Node node, Name name, Path path, int depth) throws IOException {
        if (depth >= limits.depth()) {
            throw new LimitException(node.path() + " is deeper than " + limits.depth() + " directories, the limit");
        }
        if (!entered.add(node.number())) {
            skip(node.path(), "a directory that has another name");
            return;
        }
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            at.checkTwin(path, name);
            extractor.open(path);
            name.extracted();
        } else {
            at.create(path, name, () -> Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY));
            directories++;
        }
        try {
            content(node, path, depth + 1);
        } finally {
            reportSetId(node);
            finish(node, path);
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
