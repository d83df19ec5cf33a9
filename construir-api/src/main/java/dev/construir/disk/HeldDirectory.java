package dev.construir.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the host's that is held open, so that what is done in it is done there, whatever becomes of its name: its path leads
 * through its descriptor, as {@code /proc/self/fd/7}, which the kernel takes for the directory itself. Java can open, rename and remove
 * relative to an open directory, but make neither directories nor links there; by such a path it can do all of that.
 *
 * <p>Where the host has no such paths, it is known by its name, after a look at what that names.
 */
final class HeldDirectory implements Closeable {
    private final Path path;
    private final @Nullable FileChannel channel;
    private final Object key;

    private HeldDirectory(Path path, @Nullable FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        Object fileKey = Files.readAttributes(path, BasicFileAttributes.class, followed())
                .fileKey();
        this.key = fileKey == null ? path : fileKey;
    }

    /**
     * Opens a directory.
     *
     * @param descriptors where the number of its descriptor is found, or null to know it by its name
     * @throws FileSystemException if it is none, a symbolic link to one among that
     */
    static HeldDirectory open(Path path, @Nullable Descriptors descriptors) throws IOException {
        // Opening a pipe would wait for somebody who writes to it.
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? new NotDirectoryException(path.toString())
                    : new NoSuchFileException(path.toString());
        }
        if (descriptors == null) {
            return new HeldDirectory(path, null);
        }
        FileChannel channel = FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        try {
            return new HeldDirectory(descriptors.path(channel), channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Opens a directory, to be held as this host can. */
    static Top top(Path path) throws IOException {
        Descriptors descriptors = new Descriptors();
        try {
            return new Top(open(path, descriptors), descriptors);
        } catch (Descriptors.UnknownException e) {
            return new Top(open(path, null), null);
        }
    }

    /**
     * A directory that was opened, and how those in it are to be.
     *
     * @param directory the directory
     * @param descriptors where numbers of descriptors are found, or null to know directories by name
     */
    record Top(HeldDirectory directory, @Nullable Descriptors descriptors) {}

    /** Returns what leads to it for as long as it is open. */
    Path path() {
        return path;
    }

    /** Returns what no other directory has while this one exists. */
    Object key() {
        return key;
    }

    /** Returns a view that changes this very directory. */
    PosixFileAttributeView attributes() {
        return Objects.requireNonNull(Files.getFileAttributeView(path, PosixFileAttributeView.class, followed()));
    }

    /** The path through a descriptor is itself a link; a name must not be one. */
    private LinkOption[] followed() {
        return channel == null ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS} : new LinkOption[0];
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
