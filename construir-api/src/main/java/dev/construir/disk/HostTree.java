package dev.construir.disk;

import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Inode;
import dev.construir.host.HostName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** Adds what a directory of the host holds to a disk. */
final class HostTree {
    private final DiskWriter disk;
    private final HostAttributes extended = new HostAttributes();
    /** The inodes of those files that have several names. */
    private final Map<Object, Integer> seen = new HashMap<>();

    HostTree(DiskWriter disk) {
        this.disk = disk;
    }

    private static final class Entry {
        final Path path;
        final byte[] name;

        Entry(Path path) {
            this.path = path;
            this.name = HostName.of(path);
        }
    }

    void add(DirectoryNode into, Path directory, Predicate<Path> which) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path path : stream) {
                if (which.test(path)) {
                    entries.add(new Entry(path));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        // Bytes, not text: the order must not depend on the host's locale.
        entries.sort((a, b) -> Arrays.compareUnsigned(a.name, b.name));
        for (Entry entry : entries) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            add(into, entry, which);
        }
    }

    private void add(DirectoryNode into, Entry entry, Predicate<Path> which) throws IOException {
        Map<String, Object> found = Files.readAttributes(
                entry.path, "unix:mode,nlink,size,lastModifiedTime,fileKey,dev", LinkOption.NOFOLLOW_LINKS);
        int mode = (Integer) get(found, "mode");
        int kind = mode & Inode.KIND;
        Attributes attributes =
                Attributes.ofRoot(mode & 07777, ((FileTime) get(found, "lastModifiedTime")).toInstant());
        if (kind == Inode.DIRECTORY) {
            DirectoryNode directory = disk.addDirectory(into, entry.name, attributes);
            setExtended(entry, directory.inode, found);
            add(directory, entry.path, which);
            return;
        }
        boolean shared = (Integer) get(found, "nlink") > 1;
        Object key = shared ? get(found, "fileKey") : "";
        Integer known = shared ? seen.get(key) : null;
        if (known != null) {
            disk.addName(into, entry.name, known, kind);
            return;
        }
        int inode = switch (kind) {
            case Inode.FILE -> addFile(into, entry, attributes, (Long) get(found, "size"));
            case Inode.LINK -> addLink(into, entry, attributes);
            default ->
                throw new FileSystemException(
                        entry.path.toString(), null, "is neither a file nor a directory nor a symbolic link");
        };
        if (kind == Inode.FILE) {
            setExtended(entry, inode, found);
        }
        if (shared) {
            seen.put(key, inode);
        }
    }

    private int addFile(DirectoryNode into, Entry entry, Attributes attributes, long size) throws IOException {
        try (InputStream content = Files.newInputStream(entry.path, LinkOption.NOFOLLOW_LINKS)) {
            return disk.addFile(into, entry.name, attributes, size, content);
        }
    }

    private int addLink(DirectoryNode into, Entry entry, Attributes attributes) throws IOException {
        try {
            return disk.addLink(into, entry.name, attributes, HostName.target(entry.path));
        } catch (IllegalArgumentException e) {
            throw refused(entry, e);
        }
    }

    private void setExtended(Entry entry, int inode, Map<String, Object> found) throws IOException {
        List<ExtendedAttribute> attributes = extended.of(entry.path, (Long) get(found, "dev"));
        if (!attributes.isEmpty()) {
            try {
                disk.setExtended(entry.path.toString(), inode, attributes);
            } catch (IllegalArgumentException e) {
                throw refused(entry, e);
            }
        }
    }

    /** What the disk cannot have is here no mistake of a caller's. */
    private static FileSystemException refused(Entry entry, IllegalArgumentException cause) {
        FileSystemException refused = new FileSystemException(entry.path.toString(), null, cause.getMessage());
        refused.initCause(cause);
        return refused;
    }

    private static Object get(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }
}
