package dev.construir.disk.write;

import dev.construir.block.FileInput;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.AttributeIntake.Taken;
import dev.construir.disk.write.PackOptions.Devices;
import dev.construir.disk.write.PackOptions.Duplicates;
import dev.construir.ext.Inode;
import dev.construir.host.Holes;
import dev.construir.host.HostEntry;
import dev.construir.host.HostFile;
import dev.construir.host.HostName;
import dev.construir.host.HostWalk;
import dev.construir.host.SystemCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Adds what a directory of the host holds to a disk. */
final class HostTree {
    private static final String NEEDED = "unix:mode,nlink,size,lastModifiedTime,fileKey,dev,rdev";

    private final DiskWriter disk;
    private final HostAttributes extended = new HostAttributes();
    /** The inodes of those files that have several names. */
    private final Map<Object, Integer> seen = new HashMap<>();

    /** The key of the disk's own image, by which it is known among other files. */
    private final @Nullable Object image;

    private Optional<SystemCalls> calls = Optional.empty();

    /** The keys of files and directories that are written meanwhile. */
    private Set<Object> outputs = Set.of();

    HostTree(DiskWriter disk, @Nullable Object image) {
        this.disk = disk;
        this.image = image;
    }

    /** Forgets an inode that is no longer what it was. */
    void forget(int inode) {
        seen.values().removeIf(each -> each == inode);
    }

    void add(DirectoryNode into, Path directory, Predicate<Path> which, PackOptions options) throws IOException {
        outputs = keys(options.outputs());
        OwnerNames owners = new OwnerNames(Path.of("/etc"));
        AttributeIntake intake = new AttributeIntake(options, owners, disk::attributeRoom);
        List<DirectoryNode> directories = new ArrayList<>(List.of(into));
        try (HostWalk walk = new HostWalk(directory, which)) {
            calls = walk.calls();
            for (HostEntry entry = walk.next(); entry != null; entry = walk.next()) {
                int depth = entry.place().depth();
                directories.subList(depth + 1, directories.size()).clear();
                Path path = entry.path();
                try {
                    Map<String, Object> found = Files.readAttributes(path, NEEDED, LinkOption.NOFOLLOW_LINKS);
                    DirectoryNode below = add(directories.get(depth), entry, found, options, intake);
                    if (below != null) {
                        directories.add(below);
                        walk.enter(entry, get(found, "fileKey"));
                    }
                } catch (FileSystemException e) {
                    throw entry.shown(path, e);
                }
            }
        }
        intake.report();
        if (!extended.seesLists()) {
            options.warnings()
                    .accept("access control lists and capabilities of files in " + directory
                            + " cannot be seen, as Java cannot call the C library: put JNA on the class "
                            + "path, or use Java 22 or later;"
                            + " what is packed belongs to root, so that no other user gains rights");
        }
    }

    private static Set<Object> keys(List<Path> files) throws IOException {
        Set<Object> keys = new HashSet<>();
        for (Path file : files) {
            Object key = Files.exists(file) ? Holes.key(file) : null;
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }

    private boolean isOutput(@Nullable Object key) {
        return key != null && (key.equals(image) || outputs.contains(key));
    }

    /** Adds an entry; returns the directory that it is, or null. */
    private @Nullable DirectoryNode add(
            DirectoryNode into, HostEntry entry, Map<String, Object> found, PackOptions options, AttributeIntake intake)
            throws IOException {
        if (isOutput(found.get("fileKey"))) {
            options.warnings().accept("left out, as it is being written: " + entry.shown());
            return null;
        }
        int mode = (Integer) get(found, "mode");
        int kind = mode & Inode.KIND;
        boolean shared = kind != Inode.DIRECTORY && (Integer) get(found, "nlink") > 1;
        Object key = shared ? get(found, "fileKey") : "";
        Integer known = shared ? seen.get(key) : null;
        DiskWriter.checkPath(into, entry.bytes());
        if (known != null) {
            disk.addName(into, entry.bytes(), known, kind, options.duplicates());
            return null;
        }
        boolean inTheWay =
                options.duplicates() == Duplicates.REPLACE && disk.vacate(into, entry.bytes(), kind == Inode.DIRECTORY);
        Taken taken = taken(entry, kind, mode & 07777, found, intake);
        Attributes attributes =
                Attributes.ofRoot(taken.mode(), ((FileTime) get(found, "lastModifiedTime")).toInstant());
        DirectoryNode directory = kind == Inode.DIRECTORY ? disk.addDirectory(into, entry.bytes(), attributes) : null;
        int inode = directory == null ? add(into, entry, kind, attributes, found, options) : directory.inode;
        setExtended(entry, inode, taken);
        if (shared) {
            seen.put(key, inode);
        }
        if (inTheWay) {
            disk.replaced();
        }
        return directory;
    }

    private Taken taken(HostEntry entry, int kind, int mode, Map<String, Object> found, AttributeIntake intake)
            throws IOException {
        if (kind == Inode.LINK) {
            return new Taken(mode, List.of()); // it can have none that is packed
        }
        boolean canBeOpened = kind == Inode.FILE || kind == Inode.DIRECTORY;
        HostAttributes.Found attributes = extended.of(entry.path(), (Long) get(found, "dev"), canBeOpened);
        try {
            intake.leave(attributes.leftOut(), false);
            return intake.take(kind, mode, attributes.attributes(), "", "");
        } catch (IllegalArgumentException e) {
            throw refused(entry, e);
        }
    }

    private int add(
            DirectoryNode into,
            HostEntry entry,
            int kind,
            Attributes attributes,
            Map<String, Object> found,
            PackOptions options)
            throws IOException {
        if (kind == Inode.FILE) {
            return addFile(into, entry, attributes, found);
        } else if (kind == Inode.LINK) {
            return addLink(into, entry, attributes);
        } else if (options.devices() == Devices.REFUSE) {
            throw new FileSystemException(
                    entry.shown().toString(),
                    null,
                    "it is a device, a pipe or a socket; leave it out, or have it made on the disk (pack --devices)");
        }
        boolean isDevice = kind == Inode.CHARACTER_DEVICE || kind == Inode.BLOCK_DEVICE;
        long number = isDevice ? (Long) get(found, "rdev") : 0; // as stat(2) returns it
        long major = ((number >>> 8) & 0xfff) | ((number >>> 32) & 0xffff_f000L);
        long minor = (number & 0xff) | ((number >>> 12) & 0xffff_ff00L);
        return disk.addSpecial(into, entry.bytes(), kind, attributes, major, minor);
    }

    private int addFile(DirectoryNode into, HostEntry entry, Attributes attributes, Map<String, Object> found)
            throws IOException {
        long size = (Long) get(found, "size");
        Object key = get(found, "fileKey");
        try (HostFile file = HostFile.open(entry, key, calls);
                InputStream content = new FileInput(file.read(), size, new Holes(file.path(), key))) {
            return disk.addFile(into, entry.bytes(), attributes, size, content);
        }
    }

    private int addLink(DirectoryNode into, HostEntry entry, Attributes attributes) throws IOException {
        try {
            return disk.addLink(into, entry.bytes(), attributes, HostName.target(entry.path()));
        } catch (IllegalArgumentException e) {
            throw refused(entry, e);
        }
    }

    private void setExtended(HostEntry entry, int inode, Taken taken) throws IOException {
        if (!taken.attributes().isEmpty()) {
            try {
                disk.setExtended(entry.shown().toString(), inode, taken.attributes());
            } catch (IllegalArgumentException e) {
                throw refused(entry, e);
            }
        }
    }

    /** What the disk cannot have is here no mistake of a caller's. */
    private static FileSystemException refused(HostEntry entry, IllegalArgumentException cause) {
        FileSystemException refused = new FileSystemException(entry.shown().toString(), null, cause.getMessage());
        refused.initCause(cause);
        return refused;
    }

    /** Returns an attribute that each entry has. */
    static Object get(Map<String, Object> attributes, String name) {
        return Objects.requireNonNull(attributes.get(name), name);
    }
}
