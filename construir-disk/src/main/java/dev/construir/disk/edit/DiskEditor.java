package dev.construir.disk.edit;

import dev.construir.DiskFormatException;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.FreeSpace;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.edit.ContentEdit.Source;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.DiskBuilder;
import dev.construir.ext.DiskPath;
import dev.construir.volume.VolumeEntry;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Changes the file system in a raw image in place, without mounting it: removes files, replaces them, adds new ones.
 * What it leaves is a file system in which {@code e2fsck -f} finds nothing to do.
 *
 * <pre>{@code
 * byte[] content = "hello\n".getBytes(StandardCharsets.UTF_8);
 * try (DiskEditor editor = DiskEditor.open(Path.of("job.img"))) {
 *     editor.removeIfExists("/old.txt");
 *     Attributes attributes = Attributes.ofRoot(0644, Instant.now());
 *     editor.file("/new.txt", attributes, content.length, new ByteArrayInputStream(content));
 * }
 * }</pre>
 *
 * <p>It takes ext2, ext3 and ext4 as {@link DiskBuilder} and {@code mke2fs} make them, with extents, checksums, groups
 * that were never written and indexed directories. The file system must be clean: it was unmounted, and no journal
 * waits to be replayed. Others are refused by the name of what hinders: quotas, clusters (bigalloc), encryption,
 * multiple mount protection and so on. The journal is not written to, as nothing needs to be replayed.
 *
 * <p>The image may come from a stranger. All numbers that a change depends on are checked before anything is written,
 * and damage is a {@link DiskFormatException}: blocks that are given back must be marked as used and hold no metadata,
 * checksums must be right, bitmaps must have as much free as their groups say. That two files claim the same block is
 * not found out; {@code e2fsck -fn} finds it.
 *
 * <p>Each method is one change. When it throws, the file system is as it was, but for one case: if writing itself
 * fails, as on a host without room, the exception says so and the file system is marked as not clean. What was written
 * by then is in such an order that only blocks and inodes can be lost that no file has, and names can stand twice in a
 * directory whose index was being divided; {@code e2fsck -f} puts that right. The same goes when the process is killed.
 * Nothing is forced to the host's disk, so that a host that crashes can lose more.
 *
 * <p>A new name in a hashed directory goes to its leaf, which is split if it is full. If the index itself is full or of
 * another kind than half MD4 of signed characters, it is dropped: the directory is then searched from its beginning,
 * until {@code e2fsck -D} makes a new one.
 *
 * <p>A path names an entry from the root of the disk; symbolic links are not followed. The times of directories stay.
 * Not safe for use by many threads. While it is open the image is locked, so that no QEMU can be started on it, and no
 * second editor; one that is in use already is refused. On most systems this process loses the lock when it closes the
 * image that it has open a second time: do not read it by a {@link DiskReader} meanwhile. An interrupt ends a change
 * with a {@link java.nio.channels.ClosedByInterruptException} before anything is changed, or not at all; the thread
 * stays interrupted, and the editor open.
 *
 * @since 0.1
 */
public final class DiskEditor implements Closeable {
    private final EditableDisk image;
    private final ReadLimits limits;

    private DiskEditor(EditableDisk image, ReadLimits limits) {
        this.image = image;
        this.limits = limits;
    }

    /**
     * Opens an image with {@link ReadLimits#DEFAULT}.
     *
     * @param image the raw image, which the file system fills
     * @return the editor
     * @throws DiskFormatException if it holds no file system that can be changed
     * @throws IOException if it cannot be opened for writing, or is in use
     */
    public static DiskEditor open(Path image) throws IOException {
        return open(image, ReadLimits.DEFAULT);
    }

    /**
     * Opens an image.
     *
     * @param image the raw image, which the file system fills
     * @param limits how much of directories is read at most to find a path
     * @return the editor
     * @throws DiskFormatException if it holds no file system that can be changed
     * @throws IOException if it cannot be opened for writing, or is in use
     */
    public static DiskEditor open(Path image, ReadLimits limits) throws IOException {
        Objects.requireNonNull(limits, "limits");
        EditableDisk file = new EditableFile(image);
        try {
            return on(file, limits);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Edits a file system that begins at the first byte; the disk is closed with the editor, if there comes one. */
    static DiskEditor on(EditableDisk disk, ReadLimits limits) throws IOException {
        new EditTransaction(disk); // throws now what each change would throw
        return new DiskEditor(disk, limits);
    }

    /**
     * Counts what is free. All bitmaps are read and compared with what their groups say.
     *
     * @return what is free
     * @throws DiskFormatException if a bitmap and its group disagree
     * @throws IOException if the image cannot be read
     */
    public FreeSpace free() throws IOException {
        EditTransaction edit = new EditTransaction(image);
        edit.allocation.check();
        return new FreeSpace(edit.geometry.offset(edit.allocation.freeBlocks()), edit.allocation.freeInodes());
    }

    /**
     * Removes a file, a symbolic link or a special file. With its last name its inode and its blocks become free.
     *
     * @param path the entry's path
     * @throws NoSuchFileException if there is no such entry
     * @throws FileSystemException if it is a directory
     * @throws IOException if it cannot be removed
     */
    public void remove(String path) throws IOException {
        if (!removeIfExists(path)) {
            throw DiskPath.missing(path);
        }
    }

    /**
     * Removes a file, a symbolic link or a special file if it is there, as {@link #remove} does.
     *
     * @param path the entry's path
     * @return whether it was there
     * @throws FileSystemException if it is a directory
     * @throws IOException if it cannot be removed
     */
    public boolean removeIfExists(String path) throws IOException {
        EditTransaction edit = new EditTransaction(image);
        EntryLocation location = EntryLocation.find(edit, path, limits);
        if (location == null || location.entry == null) {
            return false;
        }
        if (location.entry.inode().isDirectory()) {
            throw new FileSystemException(path, null, "is a directory; only what is none can be removed");
        }
        new EntryRemoval(edit).remove(location, location.entry);
        return true;
    }

    /**
     * Adds a file, or replaces what the file of this path holds; all its names show the new content then. Blocks of
     * zeros take no room on the disk.
     *
     * <p>The new content goes to free blocks, and only then takes the place of the old one. If there is not room enough
     * for both, the file is emptied first, and when the rest fails it stays empty; the exception says so.
     *
     * @param path the file's path; its directory must exist
     * @param attributes its attributes
     * @param size its size in bytes; the stream must have exactly as many
     * @param content its content, read to its end and not closed
     * @throws NoSuchFileException if its directory does not exist
     * @throws NotDirectoryException if the path leads through something else
     * @throws FileAlreadyExistsException if there is something of this path that is no regular file
     * @throws DiskFullException if the disk has no room for it
     * @throws IOException if it cannot be written, or the stream is shorter or longer than said
     * @throws IllegalArgumentException if the path is not possible, or the size negative
     */
    public void file(String path, Attributes attributes, long size, InputStream content) throws IOException {
        Objects.requireNonNull(attributes, "attributes");
        write(path, new Source(path, size, content), attributes, attributes.modified(), true);
    }

    /**
     * Replaces what a file holds, as {@link #file} does; permissions, owner and extended attributes stay.
     *
     * @param path the file's path
     * @param modified when its content was changed
     * @param size its size in bytes; the stream must have exactly as many
     * @param content its content, read to its end and not closed
     * @throws NoSuchFileException if there is no such file
     * @throws FileAlreadyExistsException if it is no regular file
     * @throws DiskFullException if the disk has no room for it
     * @throws IOException if it cannot be written, or the stream is shorter or longer than said
     * @throws IllegalArgumentException if the path is not possible, or the size negative
     */
    public void replace(String path, Instant modified, long size, InputStream content) throws IOException {
        Objects.requireNonNull(modified, "modified");
        write(path, new Source(path, size, content), null, modified, false);
    }

    private void write(String path, Source source, @Nullable Attributes attributes, Instant modified, boolean create)
            throws IOException {
        EditTransaction edit = new EditTransaction(image);
        EntryLocation location = EntryLocation.find(edit, path, limits);
        if (location == null || (location.entry == null && !create)) {
            throw DiskPath.missing(path);
        }
        ContentEdit content = new ContentEdit(edit);
        VolumeEntry entry = location.entry;
        if (entry == null) {
            DiskPath.checkName(path, location.name);
            content.create(location, source, Objects.requireNonNull(attributes));
        } else if (!entry.inode().isFile()) {
            throw new FileAlreadyExistsException(path, null, "is no regular file");
        } else if (content.fitsOnlyInPlaceOf(entry, source.size())) {
            content.truncate(entry);
            replaceEmptied(entry, source, attributes, modified);
        } else {
            content.replace(entry, source, attributes, modified);
        }
    }

    private void replaceEmptied(VolumeEntry entry, Source source, @Nullable Attributes attributes, Instant modified)
            throws IOException {
        try {
            new ContentEdit(new EditTransaction(image)).replace(entry, source, attributes, modified);
        } catch (IOException e) {
            throw new IOException(
                    source.path() + " could not be replaced and is empty now, because there was no room for both"
                            + " contents: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() throws IOException {
        image.close();
    }

    /** Returns what it changes. */
    @Override
    public String toString() {
        return "editor of " + image;
    }
}
