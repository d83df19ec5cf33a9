package dev.construir.disk;

import dev.construir.DiskFormatException;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.io.Serial;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
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

    private final Volume volume;
    private final ReadLimits limits;
    private final ExtractOptions options;
    private final FileExtractor extractor;
    private final Map<Long, Path> shared = new HashMap<>();
    private final Set<Long> entered = new HashSet<>();
    private final List<String> skipped = new ArrayList<>();
    private long skippedTotal;
    private long entries;
    private long files;
    private long directories;
    private long links;
    private long bytes;

    Extraction(Volume volume, ReadLimits limits, ExtractOptions options) {
        this.volume = volume;
        this.limits = limits;
        this.options = Objects.requireNonNull(options, "options");
        this.extractor = new FileExtractor(volume);
    }

    /** Ends the extraction, while other damage costs an entry. */
    private static final class LimitException extends DiskFormatException {
        @Serial
        private static final long serialVersionUID = 1L;

        LimitException(String message) {
            super(message);
        }
    }

    ExtractReport run(Node node, Path target) throws IOException, InterruptedException {
        if (!Files.isDirectory(target)) {
            Files.createDirectories(target);
        }
        Path top = target.toRealPath();
        try {
            if (node.inode().isDirectory()) {
                entered.add(node.number());
                content(node, top, 0);
            } else {
                String name = node.path().substring(node.path().lastIndexOf('/') + 1);
                entry(node, DiskPath.utf8(name), top, 0, new Siblings(volume, node));
            }
        } catch (ClosedByInterruptException e) {
            Thread.interrupted();
            throw interrupted(e);
        }
        return new ExtractReport(files, directories, links, bytes, skipped, skippedTotal);
    }

    private InterruptedException interrupted(ClosedByInterruptException cause) {
        InterruptedException e = new InterruptedException("interrupted after " + entries + " entries");
        e.initCause(cause);
        return e;
    }

    /** Extracts what a directory holds into a directory of the host, which is real and so many levels below the target. */
    private void content(Node node, Path into, int depth) throws IOException {
        Siblings siblings = new Siblings(volume, node);
        DirectoryRecords records = node.records(volume);
        while (records.next()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            byte[] name = records.name();
            String path = DiskPath.child(node.path(), name);
            if (!options.select().test(path)) {
                continue;
            }
            if (++entries > limits.entries()) {
                throw new LimitException("more than " + limits.entries() + " entries, the limit; " + path + " is next");
            }
            try {
                entry(new Node(path, records.number(), records.inode()), name, into, depth, siblings);
            } catch (LimitException e) {
                throw e;
            } catch (DiskFormatException e) {
                // A guest that was killed leaves such damage without malice. What else it wrote may be what tells why.
                skip(path, Objects.requireNonNullElse(e.getMessage(), "damaged"));
            }
        }
    }

    private void entry(Node node, byte[] name, Path into, int depth, Siblings siblings) throws IOException {
        Path path;
        try {
            path = HostName.resolve(into, name);
        } catch (InvalidPathException e) {
            skip(node.path(), "this host cannot have such a name");
            return;
        }
        int kind = node.inode().mode() & Inode.KIND;
        try {
            switch (kind) {
                case Inode.DIRECTORY -> directory(node, name, path, depth, siblings);
                case Inode.FILE -> file(node, name, path, siblings);
                case Inode.LINK -> link(node, name, path, depth, siblings);
                default -> skip(node.path(), special(kind));
            }
        } catch (InTheWayException e) {
            skip(node.path(), Objects.requireNonNullElse(e.getReason(), "in the way"));
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

    private void directory(Node node, byte[] name, Path path, int depth, Siblings siblings) throws IOException {
        if (depth >= limits.depth()) {
            throw new LimitException(node.path() + " is deeper than " + limits.depth() + " directories, the limit");
        }
        if (!entered.add(node.number())) {
            skip(node.path(), "a directory that has another name");
            return;
        }
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            if (siblings.hasTwin(path, name)) {
                throw new InTheWayException(path, "its name is, for this host, that of another");
            }
            extractor.open(path);
        } else {
            create(path, name, siblings, () -> Files.createDirectory(path, FileExtractor.PRIVATE_DIRECTORY));
            directories++;
        }
        try {
            content(node, path, depth + 1);
        } finally {
            reportSetId(node);
            extractor.finish(path, node.inode());
        }
    }

    private void file(Node node, byte[] name, Path path, Siblings siblings) throws IOException {
        long size = node.inode().size();
        boolean isShared = node.inode().links() > 1;
        Path first = isShared ? shared.get(node.number()) : null;
        if (first != null && Files.isRegularFile(first, LinkOption.NOFOLLOW_LINKS)) {
            create(path, name, siblings, () -> Files.createLink(path, first));
            files++;
            return;
        }
        if (size > limits.bytes().bytes() - bytes) {
            throw new LimitException(
                    node.path() + ", of " + size + " bytes, would make it more than " + limits.bytes() + ", the limit");
        }
        create(path, name, siblings, () -> extractor.copy(node, path));
        reportSetId(node);
        files++;
        bytes += size;
        if (isShared) {
            shared.put(node.number(), path);
        }
    }

    private void link(Node node, byte[] name, Path path, int depth, Siblings siblings) throws IOException {
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
        create(path, name, siblings, () -> Files.createSymbolicLink(path, text));
        links++;
    }

    @FunctionalInterface
    private interface Creation {
        void run() throws IOException;
    }

    private static final class InTheWayException extends FileSystemException {
        @Serial
        private static final long serialVersionUID = 1L;

        InTheWayException(Path path, String reason) {
            super(path.toString(), null, reason);
        }
    }

    /** Creates something that must not exist, and if it does, removes that first, unless it is a directory or was extracted just now. */
    private static void create(Path path, byte[] name, Siblings siblings, Creation creation) throws IOException {
        try {
            creation.run();
        } catch (FileAlreadyExistsException e) {
            if (siblings.hasTwin(path, name)) {
                throw new InTheWayException(path, "its name is, for this host, that of another");
            }
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new InTheWayException(path, "a directory is in its place");
            }
            Files.delete(path);
            creation.run();
        }
    }

    private void reportSetId(Node node) {
        if ((node.inode().mode() & 06000) != 0) {
            skip(node.path(), "its set-id bits");
        }
    }

    private void skip(String path, String reason) {
        skippedTotal++;
        if (skipped.size() < MAX_SKIPPED_KEPT) {
            skipped.add(path + ": " + reason);
        }
    }
}
