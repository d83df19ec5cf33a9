package dev.construir.disk.read;

import dev.construir.DiskFormatException;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.ReadLimits;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a disk that a guest may have written, without mounting it and without trusting it.
 *
 * <pre>{@code
 * try (DiskReader disk = DiskReader.open(Path.of("job.img"))) {
 *     for (DiskEntry entry : disk.list("/")) {
 *         System.out.println(entry.path());
 *     }
 *     try (InputStream log = disk.open("/construir.log")) {
 *         log.transferTo(System.out);
 *     }
 * }
 * }</pre>
 *
 * <p>A path names an entry from the root of the disk; symbolic links are not followed, but by {@link #follow}. Every
 * method may throw {@link DiskFormatException} when it meets damage or a limit. Safe for use by many threads. An
 * interrupt does not close it.
 *
 * @since 0.1
 */
public interface DiskReader extends Closeable {
    /**
     * Opens a disk with {@link ReadLimits#DEFAULT}, in the format that its name says, as {@link DiskImage#of} takes it.
     *
     * @param image the image, which one file system fills
     * @return the reader
     * @throws dev.construir.NotSeekableException if it is compressed in a way that it must be unpacked first
     * @throws DiskFormatException if it holds no file system that can be read
     * @throws IOException if it cannot be read
     */
    static DiskReader open(Path image) throws IOException {
        return open(image, ReadLimits.DEFAULT);
    }

    /**
     * Opens a disk, in the format that its name says, as {@link DiskImage#of} takes it.
     *
     * @param image the image, which one file system fills
     * @param limits how much is read at most
     * @return the reader
     * @throws dev.construir.NotSeekableException if it is compressed in a way that it must be unpacked first
     * @throws DiskFormatException if it holds no file system that can be read
     * @throws IOException if it cannot be read
     */
    static DiskReader open(Path image, ReadLimits limits) throws IOException {
        return DiskImage.of(image).withLimits(limits).whole();
    }

    /**
     * Returns what the file system says of itself, and how it was left.
     *
     * @return its superblock's fields, as of when it was opened
     */
    FileSystemInfo info();

    /**
     * Finds an entry. Of a name that stands twice in a damaged directory, it is any. A caller that asks for what
     * {@link #list} returned, in its order, reads the directory about once in all.
     *
     * @param path the entry's path
     * @return the entry, or empty if there is none
     * @throws IOException if the disk cannot be read
     */
    Optional<DiskEntry> find(String path) throws IOException;

    /**
     * Finds what a path leads to as a program in the guest would, all symbolic links followed: an absolute one begins
     * at the root of this disk, and {@code ..} does not lead out of it.
     *
     * @param path the path; {@code .} and {@code ..} in it mean what they mean to Linux
     * @return the entry, under the path that it has without links
     * @throws java.nio.file.NoSuchFileException if it leads to nothing; the reason names the link that does, if one
     *     does
     * @throws java.nio.file.FileSystemException if it leads through something that is no directory, or through more
     *     than 40 links
     * @throws IOException if the disk cannot be read
     */
    DiskEntry follow(String path) throws IOException;

    /**
     * Lists a directory, without {@code .} and {@code ..}, in the order of the disk. The list keeps every path: of 256
     * characters times {@link ReadLimits#entries} in all, at most. {@link #walk} keeps none.
     *
     * @param path the directory's path
     * @return its entries
     * @throws java.nio.file.NoSuchFileException if there is no such entry
     * @throws java.nio.file.NotDirectoryException if it is not a directory
     * @throws IOException if the disk cannot be read
     */
    List<DiskEntry> list(String path) throws IOException;

    /**
     * Shows all entries below a directory to a visitor, one at a time, so that any number of them takes no memory;
     * those of encrypted directories are left out. The limits of entries and depth go for the walk as a whole.
     *
     * @param path the directory's path
     * @param visitor is called by this thread
     * @throws java.nio.file.NoSuchFileException if there is no such entry
     * @throws java.nio.file.NotDirectoryException if it is not a directory
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so
     * @throws IOException if the disk cannot be read, or the visitor throws it
     */
    void walk(String path, DiskVisitor visitor) throws IOException;

    /**
     * Opens a file.
     *
     * @param path the file's path
     * @return its content
     * @throws java.nio.file.NoSuchFileException if there is no such file, or it is no regular file
     * @throws IOException if the disk cannot be read
     */
    InputStream open(String path) throws IOException;

    /**
     * Opens a file that this reader has found, followed or listed.
     *
     * @param file the file
     * @return its content
     * @throws java.nio.file.NoSuchFileException if it is no regular file
     * @throws IOException if the disk cannot be read
     */
    InputStream open(DiskEntry file) throws IOException;

    /**
     * Reads where a symbolic link points.
     *
     * @param path the link's path
     * @return its target, as the guest wrote it
     * @throws java.nio.file.NotLinkException if it is not a symbolic link
     * @throws IOException if the disk cannot be read
     */
    String readLink(String path) throws IOException;

    /**
     * Reads where a symbolic link points that this reader has found or listed, without going through its directory
     * again: links of a large directory are read so.
     *
     * @param link the link
     * @return its target, as the guest wrote it
     * @throws java.nio.file.NotLinkException if it is not a symbolic link
     * @throws IOException if the disk cannot be read
     */
    String readLink(DiskEntry link) throws IOException;

    /**
     * Reads the extended attributes of an entry, as {@code getxattr(2)} would return them.
     *
     * @param path the entry's path
     * @return the values by full names, such as {@code user.comment}, {@code security.capability} or
     *     {@code system.posix_acl_access}; at most 1 MiB in all
     * @throws java.nio.file.NoSuchFileException if there is no such entry
     * @throws IOException if the disk cannot be read
     */
    Map<String, byte[]> extendedAttributes(String path) throws IOException;

    /**
     * Records the state of all entries, to find out later what was changed. Takes about a millisecond for a thousand
     * entries.
     *
     * @return what is there
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so
     * @throws IOException if any of it cannot be read
     */
    DiskSnapshot snapshot() throws IOException;

    /**
     * Extracts everything with {@link ExtractOptions#DEFAULT}.
     *
     * @param target the directory to extract to; created if it is missing
     * @return what was extracted
     * @throws IOException if something cannot be read or written
     * @throws InterruptedException if the thread was interrupted; what was extracted by then stays
     */
    default ExtractReport copyTo(Path target) throws IOException, InterruptedException {
        return copyTo("/", target, ExtractOptions.DEFAULT);
    }

    /**
     * Extracts an entry and what is selected below it. Nothing is written outside the target, whatever the disk holds,
     * and on Linux whatever other processes put into the target meanwhile; elsewhere, no other user may be able to
     * write to it.
     *
     * <p>Modes, times, hard links and holes are kept; owners, set-id and sticky bits, and the times of symbolic links,
     * are not. A file gets its name when it is complete. As long as the extraction is not, a directory
     * {@code .construir-incomplete} is in the target; see {@link ExtractOptions#whenIncomplete}. A file or link that is
     * in the way is replaced and never written through; a directory stays. What is damaged, as on the disk of a machine
     * that was killed, is skipped and reported, and the rest is extracted; only limits end it. The same goes for what
     * this host refuses, such as paths that are too long for it, as long as it takes anything at all. Where it has no
     * hard links a file is extracted once for every name.
     *
     * @param path the entry; a directory's entries go straight into the target, a file goes into it by its name
     * @param target the directory to extract to; created if it is missing
     * @param options what is extracted, and how
     * @return what was extracted
     * @throws IOException if something cannot be read or written
     * @throws InterruptedException if the thread was interrupted; what was extracted by then stays, unless it is to be
     *     removed
     */
    ExtractReport copyTo(String path, Path target, ExtractOptions options) throws IOException, InterruptedException;

    /**
     * Extracts an entry that this reader has found, followed or listed, as
     * {@link #copyTo(String, Path, ExtractOptions)} does one that is named. Below it, paths begin with the entry's own;
     * a file gets the last name of that.
     *
     * @param entry the entry
     * @param target the directory to extract to; created if it is missing
     * @param options what is extracted, and how
     * @return what was extracted
     * @throws IOException if something cannot be read or written
     * @throws InterruptedException if the thread was interrupted; what was extracted by then stays, unless it is to be
     *     removed
     */
    ExtractReport copyTo(DiskEntry entry, Path target, ExtractOptions options) throws IOException, InterruptedException;
}
