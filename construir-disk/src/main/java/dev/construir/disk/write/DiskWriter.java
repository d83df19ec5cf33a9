package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.write.AttributeStore.Extended;
import dev.construir.disk.write.ContentWriter.Stored;
import dev.construir.disk.write.DirectoryTree.Found;
import dev.construir.disk.write.PackOptions.Duplicates;
import dev.construir.ext.DirectoryHash;
import dev.construir.ext.DiskPath;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import dev.construir.ext.Layout;
import dev.construir.ext.Superblock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes content to a disk as it comes, and remembers what {@link #finish} has to write at the end. */
final class DiskWriter {
    private static final int LOST_AND_FOUND = Superblock.FIRST_INODE;
    private static final int SHOWN = 100;

    private final DiskOptions options;
    private final Layout layout;
    private final Geometry geometry;
    private final ImageFile image;
    private final BlockAllocator blocks;
    private final InodeTable inodes;
    private final ContentWriter content;
    private final AttributeStore attributeStore;
    private final HostTree host;
    private final InodeAllocator inodeNumbers;
    private final DirectoryTree directories;
    /** How many names those files have that have several. */
    private final NavigableMap<Integer, Integer> links = new TreeMap<>();

    /** Entries that were started and not completed: they have blocks that nothing refers to. */
    private int unfinished;

    DiskWriter(ImageFile image, @Nullable Object imageKey, Layout layout, DiskOptions options) throws IOException {
        this.options = options;
        this.layout = layout;
        this.geometry = layout.geometry();
        this.image = image;
        this.host = new HostTree(this, imageKey);
        this.blocks = new BlockAllocator(layout);
        this.inodeNumbers = new InodeAllocator(geometry);
        this.inodes = new InodeTable(image, layout);
        this.content = new ContentWriter(image, blocks, geometry, options.size());
        this.attributeStore = new AttributeStore(content, inodes, geometry);
        this.directories = new DirectoryTree(defaults(options));
        addDirectory(root(), DiskPath.utf8("lost+found"), Attributes.ofRoot(0700, options.time()));
    }

    DirectoryNode root() {
        return directories.root();
    }

    /** Returns what adds directories of the host. */
    HostTree hostTree() {
        return host;
    }

    private static Attributes defaults(DiskOptions options) {
        return Attributes.ofRoot(0755, options.time());
    }

    /** Follows names from the root on; returns null if there is no such entry. */
    @Nullable
    Found find(List<byte[]> names) {
        return directories.find(root(), names);
    }

    /** Returns the room that an entry has for extended attributes. */
    AttributeRoom attributeRoom() {
        return attributeStore.room();
    }

    /** Sets the extended attributes of an entry, in place of those it has. */
    void setExtended(String path, int inode, Collection<ExtendedAttribute> attributes) throws IOException {
        DirectoryNode node = directories.find(inode);
        if (node == null) {
            attributeStore.replace(path, inode, attributes);
        } else {
            Extended before = node.extended();
            node.setExtended(attributeStore.store(path, attributes, before == null ? 0 : before.block()));
        }
    }

    /** Returns a directory, and makes those on the way that are not there. */
    DirectoryNode directory(DirectoryNode from, String path, List<byte[]> names) throws IOException {
        DirectoryNode directory = from;
        for (byte[] name : names) {
            directory = subdirectory(directory, name, path);
        }
        return directory;
    }

    /** Returns the directory an entry goes into, and makes those on the way that are not there. */
    DirectoryNode parent(DirectoryNode from, String path, List<byte[]> names) throws IOException {
        return directory(from, path, names.subList(0, names.size() - 1));
    }

    private DirectoryNode subdirectory(DirectoryNode parent, byte[] name, String path) throws IOException {
        int at = parent.find(name);
        if (at < 0) {
            return addDirectory(parent, name, defaults(options));
        }
        if (parent.kind(at) == Inode.LINK) {
            throw new LinkOnTheWayException(path + ": " + DiskPath.child(parent.path(), name));
        }
        if (parent.kind(at) != Inode.DIRECTORY) {
            throw new NotDirectoryException(path + ": " + DiskPath.child(parent.path(), name) + " is no directory");
        }
        return directories.get(parent.inode(at));
    }

    /** Adds a directory, or sets the attributes of the one that is there. */
    DirectoryNode addDirectory(DirectoryNode parent, byte[] name, Attributes attributes) throws IOException {
        int at = parent.find(name);
        if (at >= 0 && parent.kind(at) == Inode.DIRECTORY) {
            DirectoryNode node = directories.get(parent.inode(at));
            setAttributes(node, attributes);
            return node;
        }
        checkFree(parent, name);
        if (parent.subdirectories() + 2 >= Inode.MAX_LINKS) {
            throw new IOException(
                    parent.path() + " has " + parent.subdirectories() + " directories in it; ext2 allows no more");
        }
        int inode = allocateInode(parent, name);
        parent.add(name, inode, Inode.DIRECTORY);
        DirectoryNode node = new DirectoryNode(inode, parent, name, attributes);
        directories.add(node);
        return node;
    }

    /**
     * Sets the attributes of a directory that may have come before: what the earlier one had of access lists and others
     * would grant rights.
     */
    void setAttributes(DirectoryNode node, Attributes attributes) throws IOException {
        node.setAttributes(attributes);
        Extended before = node.extended();
        if (before != null && before.block() != 0) {
            content.freeBlock(before.block());
        }
        node.setExtended(null);
    }

    /** Adds a file and returns its inode. */
    int addFile(DirectoryNode parent, byte[] name, Attributes attributes, long size, InputStream stream)
            throws IOException {
        checkFree(parent, name);
        unfinished++;
        Stored stored = content.store(() -> DiskPath.child(parent.path(), name), stream, size);
        int inode = addInode(parent, name, Inode.FILE, attributes, size, stored);
        unfinished--;
        return inode;
    }

    /** Adds a symbolic link and returns its inode. */
    int addLink(DirectoryNode parent, byte[] name, Attributes attributes, byte[] target) throws IOException {
        int max = Math.min(4096, geometry.blockSize()) - 1;
        if (target.length == 0 || target.length > max) {
            throw new IllegalArgumentException(DiskPath.child(parent.path(), name) + ": the target of a link has 1 to "
                    + max + " bytes on a disk of this size, not " + target.length);
        }
        for (byte b : target) {
            if (b == 0) {
                throw new IllegalArgumentException("the target of a link holds no NUL");
            }
        }
        checkFree(parent, name);
        unfinished++;
        Stored stored;
        if (target.length < Inode.MAP_SIZE) {
            stored = new Stored(ByteBuffer.allocate(Inode.MAP_SIZE).put(0, target), 0);
        } else {
            stored = content.store(
                    () -> DiskPath.child(parent.path(), name), new ByteArrayInputStream(target), target.length);
        }
        Attributes open = new Attributes(0777, attributes.uid(), attributes.gid(), attributes.modified());
        int inode = addInode(parent, name, Inode.LINK, open, target.length, stored);
        unfinished--;
        return inode;
    }

    /** Adds a device, a named pipe or a socket and returns its inode. */
    int addSpecial(DirectoryNode parent, byte[] name, int kind, Attributes attributes, long major, long minor)
            throws IOException {
        ByteBuffer map = DeviceNumber.encode(major, minor);
        checkFree(parent, name);
        return addInode(parent, name, kind, attributes, 0, new Stored(map, 0));
    }

    /** Adds another name of what a path leads to, in place of what has that name if that is wanted. */
    void addName(
            DirectoryNode parent, byte[] name, DirectoryNode from, String existing, List<byte[]> names, Duplicates how)
            throws IOException {
        Found found = directories.find(from, names);
        if (found == null) {
            throw new NoSuchFileException(
                    existing,
                    null,
                    "there is no such file yet, and " + DiskPath.child(parent.path(), name)
                            + " would be another name of it");
        }
        if (found.kind() == Inode.DIRECTORY) {
            throw new NoSuchFileException(existing, null, "it is a directory, and those have one name");
        }
        addName(parent, name, found.inode(), found.kind(), how);
    }

    /** Adds another name of a file, in place of what has that name if that is wanted. */
    void addName(DirectoryNode parent, byte[] name, int inode, int kind, Duplicates how) throws IOException {
        int at = parent.find(name);
        if (how == Duplicates.REPLACE && at >= 0 && parent.inode(at) == inode) {
            return;
        }
        boolean inTheWay = how == Duplicates.REPLACE && vacate(parent, name, false);
        checkFree(parent, name);
        int count = links.getOrDefault(inode, 1);
        if (count == Inode.MAX_LINKS) {
            throw new IOException(DiskPath.child(parent.path(), name) + " would be name " + (count + 1)
                    + " of a file; ext2 allows no more than " + Inode.MAX_LINKS);
        }
        parent.add(name, inode, kind);
        links.put(inode, count + 1);
        if (inTheWay) {
            replaced();
        }
    }

    private int addInode(DirectoryNode parent, byte[] name, int kind, Attributes attributes, long size, Stored stored)
            throws IOException {
        int inode = allocateInode(parent, name);
        inodes.put(inode, inode(kind, attributes, size, 1, stored));
        parent.add(name, inode, kind);
        return inode;
    }

    static Inode inode(int kind, Attributes attributes, long size, int links, Stored stored) {
        return new Inode(
                kind | attributes.mode(),
                attributes.uid(),
                attributes.gid(),
                size,
                links,
                stored.sectors(),
                0,
                0,
                attributes.modified(),
                attributes.modified(),
                0,
                stored.map());
    }

    private void checkFree(DirectoryNode parent, byte[] name) throws IOException {
        if (parent.find(name) >= 0) {
            throw new FileAlreadyExistsException(DiskPath.child(parent.path(), name));
        }
    }

    /** Refuses what is found in directories and archives, and no extraction would give back. */
    static void checkPath(DirectoryNode parent, byte[] name) throws IOException {
        int length = parent.pathLength(name);
        if (length > ReadLimits.DEFAULT.pathLength()) {
            String path = DiskPath.child(parent.path(), name);
            throw new IOException(
                    "a path of " + length + " bytes, which no guest opens and no extraction gives back; at most "
                            + ReadLimits.DEFAULT.pathLength() + " are possible: " + path.substring(0, SHOWN) + "...");
        }
    }

    /**
     * Makes a name free for an entry that takes the place of another one. Only a directory that is not empty stays, and
     * so does one that comes again. Until {@link #replaced} is called, the disk is not complete.
     *
     * @return whether there was anything in the way
     */
    boolean vacate(DirectoryNode parent, byte[] name, boolean forDirectory) throws IOException {
        int at = parent.find(name);
        if (at < 0 || (forDirectory && parent.kind(at) == Inode.DIRECTORY)) {
            return false;
        }
        int inode = parent.inode(at);
        DirectoryNode directory = directories.find(inode);
        if (directory != null && (directory.count() > 0 || inode == LOST_AND_FOUND)) {
            throw new FileAlreadyExistsException(
                    DiskPath.child(parent.path(), name),
                    null,
                    "a directory with entries, which only a directory can replace");
        }
        unfinished++;
        int kind = parent.kind(at);
        parent.vacate(at);
        int names = links.getOrDefault(inode, 1);
        if (names > 1) {
            links.put(inode, names - 1);
        } else if (directory != null) {
            directories.remove(inode);
            free(inode, directory.extended() == null ? 0 : directory.extended().block());
        } else {
            free(inode, kind);
        }
        return true;
    }

    /** Says that what {@link #vacate} made way for is in its place. */
    void replaced() {
        unfinished--;
    }

    private void free(int number, int kind) throws IOException {
        Inode inode = inodes.get(number);
        boolean mapped = kind == Inode.FILE || (kind == Inode.LINK && inode.size() >= Inode.MAP_SIZE);
        if (mapped) {
            content.free(inode);
        }
        free(number, inode.attributeBlock());
    }

    private void free(int number, long attributeBlock) throws IOException {
        if (attributeBlock != 0) {
            content.freeBlock(attributeBlock);
        }
        links.remove(number);
        host.forget(number);
        inodes.clear(number);
        inodeNumbers.free(number);
    }

    private int allocateInode(DirectoryNode parent, byte[] name) throws IOException {
        int inode = inodeNumbers.allocate();
        if (inode == 0) {
            throw new DiskFullException("the disk of " + options.size() + " is full: it has " + geometry.inodes()
                    + " inodes, one for each file, directory and link, and " + DiskPath.child(parent.path(), name)
                    + " would be one more; give it more (--inodes), or make it bigger (--size, or run --disk)");
        }
        return inode;
    }

    /** Writes the directories and all other metadata. */
    void finish() throws IOException {
        if (unfinished > 0) {
            throw new IOException(unfinished + " entries could not be written, so the disk is not complete");
        }
        DirectoryHash hash = DirectoryHash.of(options.uuid());
        new DirectoryWriter(content, attributeStore, hash, geometry.blockSize()).write(directories.all());
        for (var link : links.entrySet()) {
            inodes.put(link.getKey(), inodes.get(link.getKey()).withLinks(link.getValue()));
        }
        inodes.flush();
        new GroupWriter(image, layout, options).write(blocks, inodeNumbers, directories.countByGroup(geometry));
    }
}
