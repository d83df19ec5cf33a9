package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.read.DiskReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Puts entries on a disk that is being written.
 *
 * <pre>{@code
 * Job job = Job.of("greet", disk -> disk.file("data.txt", "hello")
 *         .executable("bin/construir", "#!/bin/sh\ncat data.txt\n")
 *         .copy("src", Path.of("project")));
 * }</pre>
 *
 * <p>Paths are separated by {@code /}; a leading one is allowed, {@code .} and {@code ..} are not. Parents that were
 * not given are created as directories of mode 0755 that belong to root. Not safe for use by many threads, and of no
 * use after {@link DiskContent#writeTo} has returned.
 *
 * <p>Every method throws {@link java.nio.file.FileAlreadyExistsException} if the path is taken (a directory may be
 * given again, to set its attributes, and then has no extended ones), {@link java.nio.file.NotDirectoryException} if it
 * leads through something else, {@link IllegalArgumentException} if a path or a name is not possible (a name has 1 to
 * 255 bytes of UTF-8), and {@link DiskFullException} if the disk has no room left.
 *
 * @since 0.1
 */
public interface DiskBuilder {
    /**
     * Adds a directory.
     *
     * @param path where
     * @param attributes its attributes
     * @return this builder
     * @throws IOException if it cannot be added
     */
    DiskBuilder directory(String path, Attributes attributes) throws IOException;

    /**
     * Adds a file. Blocks of zeros take no room on the disk.
     *
     * @param path where
     * @param attributes its attributes
     * @param size its size in bytes; the stream must have exactly as many
     * @param content its content, read to its end and not closed
     * @return this builder
     * @throws IOException if it cannot be added, or the stream is shorter or longer than said
     */
    DiskBuilder file(String path, Attributes attributes, long size, InputStream content) throws IOException;

    /**
     * Adds a text file of mode 0644 that belongs to root. Its time is the epoch, so that the same text makes the same
     * disk.
     *
     * @param path where
     * @param text its content, written as UTF-8; nothing is added
     * @return this builder
     * @throws IOException if it cannot be added
     * @throws IllegalArgumentException if the text has half a surrogate pair
     * @since 0.1
     */
    default DiskBuilder file(String path, String text) throws IOException {
        return SimpleFile.ofText(text).add(this, path, 0644);
    }

    /**
     * Adds a script of mode 0755 that belongs to root. Its time is the epoch, so that the same text makes the same
     * disk.
     *
     * @param path where
     * @param script its content, written as UTF-8; nothing is added, so it begins with its {@code #!} line
     * @return this builder
     * @throws IOException if it cannot be added
     * @throws IllegalArgumentException if the text has half a surrogate pair
     * @since 0.1
     */
    default DiskBuilder executable(String path, String script) throws IOException {
        return SimpleFile.ofText(script).add(this, path, 0755);
    }

    /**
     * Adds a file of the host, or what a directory of the host holds. Of a file mode and time are taken over, the owner
     * is root, and links are followed; a directory is added as by {@link #tree(String, Path)}.
     *
     * @param path where; for a directory, where its entries go
     * @param source the file or the directory on the host
     * @return this builder
     * @throws java.nio.file.NoSuchFileException if there is no such file or directory
     * @throws IOException if it cannot be read, or something in it is of another kind (a socket, a device, a pipe)
     * @since 0.1
     */
    default DiskBuilder copy(String path, Path source) throws IOException {
        return Files.isDirectory(source) ? tree(path, source) : SimpleFile.copy(this, path, source);
    }

    /**
     * Adds a symbolic link.
     *
     * @param path where
     * @param attributes its attributes; the mode of a link is always 0777
     * @param target what it points at, 1 to 4,095 bytes of UTF-8; on a disk below 16 MiB, whose blocks are small, to
     *     1,023
     * @return this builder
     * @throws IOException if it cannot be added
     */
    DiskBuilder symbolicLink(String path, Attributes attributes, String target) throws IOException;

    /**
     * Adds another name for a file that was added before.
     *
     * @param path where
     * @param existing the path of the file
     * @return this builder
     * @throws IOException if it cannot be added
     * @throws java.nio.file.NoSuchFileException if there is no such file, or it is a directory
     */
    DiskBuilder hardLink(String path, String existing) throws IOException;

    /**
     * Sets the extended attributes of an entry, in place of those it has.
     *
     * <p>They are kept in the entry's inode as far as they fit, and in one more block: some 4,000 bytes in all, and on
     * a disk below 16 MiB, whose blocks are small, 1,000.
     *
     * @param path an entry that was added before; {@code /} for the root of the disk
     * @param attributes the attributes by full names of at most 255 bytes of UTF-8: {@code user.}, {@code trusted.} or
     *     {@code security.} and more, {@code system.posix_acl_access} or {@code system.posix_acl_default}; and values
     *     as {@code getxattr(2)} would return them, and {@link DiskReader#extendedAttributes} does
     * @return this builder
     * @throws java.nio.file.NoSuchFileException if there is no such entry
     * @throws IllegalArgumentException if a name or a list of access rights is not possible, or there is no room for so
     *     much; the entry keeps what it has
     * @throws IOException if they cannot be written
     */
    DiskBuilder extendedAttributes(String path, Map<String, byte[]> attributes) throws IOException;

    /**
     * Adds what a directory of the host holds, in the order of the names: files, directories, symbolic links as links,
     * and files of several names as such. Modes and times are taken over, owners are root.
     *
     * @param path where its entries go; {@code /} for the root of the disk
     * @param directory the directory on the host
     * @return this builder
     * @throws IOException if something in it cannot be read or is of another kind (a socket, a device, a pipe)
     */
    default DiskBuilder tree(String path, Path directory) throws IOException {
        return tree(path, directory, entry -> true);
    }

    /**
     * Adds some of what a directory of the host holds, as {@link #tree(String, Path)} does.
     *
     * @param path where its entries go; {@code /} for the root of the disk
     * @param directory the directory on the host
     * @param which returns whether an entry is added, of a path that begins with the directory's; a directory that is
     *     not is left out with all in it
     * @return this builder
     * @throws IOException if something in it cannot be read or is of another kind (a socket, a device, a pipe)
     */
    default DiskBuilder tree(String path, Path directory, Predicate<Path> which) throws IOException {
        return tree(path, directory, which, PackOptions.DEFAULT);
    }

    /**
     * Adds some of what a directory of the host holds.
     *
     * @param path where its entries go; {@code /} for the root of the disk
     * @param directory the directory on the host
     * @param which returns whether an entry is added, of a path that begins with the directory's; a directory that is
     *     not is left out with all in it
     * @param options what becomes of duplicates, devices and what the disk cannot keep
     * @return this builder
     * @throws IOException if something in it cannot be read or is of another kind
     */
    DiskBuilder tree(String path, Path directory, Predicate<Path> which, PackOptions options) throws IOException;

    /**
     * Adds what a tar archive holds, with {@link PackOptions#DEFAULT}.
     *
     * @param path where its entries go; {@code /} for the root of the disk
     * @param archive the archive, read to its end and not closed
     * @return this builder
     * @throws IOException as {@link #tar(String, InputStream, PackOptions)}
     */
    default DiskBuilder tar(String path, InputStream archive) throws IOException {
        return tar(path, archive, PackOptions.DEFAULT);
    }

    /**
     * Adds what a tar archive holds, as it is read: files, directories, symbolic links, names of files that came
     * before, and devices if they are wanted. Modes, times, owners by their numbers, extended attributes and POSIX
     * access control lists that pax archives have ({@code tar --xattrs --acls}) are taken over; holes of sparse files
     * stay holes and take no time. Archives of v7, ustar, GNU and pax are known, as they are or compressed by gzip or
     * xz. No more than a few megabytes are kept in memory, whatever the archive claims; unpacking xz takes up to 128
     * MiB.
     *
     * <p>Paths begin at the given one, also those with a leading slash. As on extraction by tar, a later entry takes
     * the place of an earlier one of the same path, and other names of the earlier one keep what it had.
     *
     * <p>An archive whose mark of the end is missing is taken with a warning. Bytes behind that mark are no part of it.
     *
     * @param path where its entries go; {@code /} for the root of the disk
     * @param archive the archive, read to its end and not closed
     * @param options what becomes of duplicates, devices and what the disk cannot keep
     * @return this builder
     * @throws IOException if the archive cannot be read, is damaged, cut off within an entry or followed by another
     *     one, or holds what the disk cannot: a path with {@code ..}, or what the options refuse; the message names the
     *     entry and where it stands in the archive
     */
    DiskBuilder tar(String path, InputStream archive, PackOptions options) throws IOException;
}
