package dev.construir.host;

import dev.construir.host.ModificationTime.Follow;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open directory of the host. All operations stay in it even if its name changes: its path leads through its
 * descriptor, as {@code /proc/self/fd/7}, which the kernel resolves to the directory itself. Java can open, rename and
 * remove relative to an open directory, but cannot make directories or links there; with such a path it can.
 *
 * <p>On hosts without such paths it uses the name, after checking what it names.
 */
public final class OpenDirectory implements Closeable {
    /** Where paths lead to what this process has open. */
    static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private static final Set<OpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final Path path;
    /** Keeps the directory open; null if the name is used instead. */
    private final @Nullable Closeable hold;
    /** Works on files as well as the path does, in less time: the kernel need not find the directory. */
    private final @Nullable SecureDirectoryStream<Path> stream;

    private final Object key;

    private OpenDirectory(
            Path path, @Nullable Closeable hold, @Nullable SecureDirectoryStream<Path> stream, Object key) {
        this.path = path;
        this.hold = hold;
        this.stream = stream;
        this.key = key;
    }

    /**
     * Opens a directory.
     *
     * @param descriptors where the number of its descriptor is found, or null to know it by its name
     * @throws FileSystemException if it is none, a symbolic link to one among that
     */
    public static OpenDirectory open(Path path, @Nullable ProcFdPaths descriptors) throws IOException {
        // Gives a better message; the open below still detects a later change.
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? new NotDirectoryException(path.toString())
                    : new NoSuchFileException(path.toString());
        }
        if (descriptors == null) {
            return new OpenDirectory(path, null, null, keyOf(path));
        }
        FileChannel channel = channel(path);
        try {
            Path held = descriptors.path(channel);
            Object key = key(held);
            if (!key.equals(keyOf(path))) {
                throw new FileSystemException(path.toString(), null, "a link has taken its place");
            }
            return new OpenDirectory(held, channel, stream(held), key);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Opens a directory to look at what is in it, which takes less time where the C library can be called. */
    static OpenDirectory toRead(Path path, SystemCalls calls) throws IOException {
        int descriptor = calls.openEntry(HostName.ofPath(path));
        try {
            Path held = DESCRIPTORS.resolve(Integer.toString(descriptor));
            BasicFileAttributes attributes = Files.readAttributes(held, BasicFileAttributes.class);
            if (!attributes.isDirectory()) {
                throw new NotDirectoryException(path.toString());
            }
            Object key = attributes.fileKey();
            return new OpenDirectory(held, () -> calls.close(descriptor), null, key == null ? path : key);
        } catch (IOException | RuntimeException e) {
            calls.close(descriptor);
            throw e;
        }
    }

    /** Only a directory has the dot: opening a pipe in its place would block. */
    private static FileChannel channel(Path path) throws IOException {
        Path inside = path.resolve(".");
        try {
            return FileChannel.open(inside, StandardOpenOption.READ);
        } catch (FileSystemException e) {
            throw HostEntry.shown(inside, path, e);
        }
    }

    @SuppressWarnings("StreamResourceLeak") // the caller closes it
    private static @Nullable SecureDirectoryStream<Path> stream(Path held) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(held);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        return null;
    }

    /** Returns a key that nothing else has while the file exists; does not follow links. */
    public static Object keyOf(Path path) throws IOException {
        return key(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static Object key(Path path, LinkOption... options) throws IOException {
        Object key =
                Files.readAttributes(path, BasicFileAttributes.class, options).fileKey();
        return key == null ? path : key;
    }

    /** Opens a directory in the way this host allows. */
    public static Top top(Path path, ProcFdPaths descriptors) throws IOException {
        try {
            return new Top(open(path, descriptors), descriptors);
        } catch (ProcFdPaths.UnknownException e) {
            return new Top(open(path, null), null);
        }
    }

    /**
     * An opened directory, and how to open those in it.
     *
     * @param directory the directory
     * @param descriptors where numbers of descriptors are found, or null to know directories by name
     */
    public record Top(OpenDirectory directory, @Nullable ProcFdPaths descriptors) {}

    /** Returns a path to it that is valid while it is open. */
    public Path path() {
        return path;
    }

    /** Returns a path to its parent that is valid while it is open. */
    public Path above() {
        return hold == null ? Objects.requireNonNull(path.getParent()) : path.resolve("..");
    }

    /** Returns the names of its entries, in no order. Call once only: Java lists an open directory once. */
    List<Path> names() throws IOException {
        List<Path> names = new ArrayList<>();
        try {
            if (stream == null) {
                try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
                    all.forEach(each -> names.add(each.getFileName()));
                }
            } else {
                stream.forEach(each -> names.add(each.getFileName()));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Creates and opens a file, which must not exist. */
    public SeekableByteChannel create(Path name, FileAttribute<?> permissions) throws IOException {
        return stream == null
                ? Files.newByteChannel(path.resolve(name), NEW, permissions)
                : stream.newByteChannel(name, NEW, permissions);
    }

    /**
     * Sets the times of a file, which is not followed if it is a link. Returns whether they are right to the
     * microsecond.
     */
    public boolean setModified(Path name, Instant time) throws IOException {
        BasicFileAttributeView byStream = stream == null
                ? null
                : stream.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        return new ModificationTime(time).set(path.resolve(name), Follow.NO, attributes(name), byStream);
    }

    /** Sets its own times. Returns whether they are right to the microsecond. */
    public boolean setModified(Instant time) throws IOException {
        BasicFileAttributeView byStream =
                stream == null ? null : stream.getFileAttributeView(BasicFileAttributeView.class);
        Follow follow = hold == null ? Follow.NO : Follow.YES;
        return new ModificationTime(time).set(path, follow, attributes(), byStream);
    }

    /** Returns a view of a file, which is not followed if it is a link. */
    public PosixFileAttributeView attributes(Path name) {
        return Files.getFileAttributeView(path.resolve(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Moves a file in one step; another one that is in its place is replaced.
     *
     * @throws java.nio.file.AtomicMoveNotSupportedException if that is on another file system
     */
    public void move(Path name, OpenDirectory to, Path newName) throws IOException {
        if (stream == null || to.stream == null) {
            Files.move(path.resolve(name), to.path.resolve(newName), StandardCopyOption.ATOMIC_MOVE);
        } else {
            stream.move(name, to.stream, newName);
        }
    }

    /** Returns a key that no other directory has while this one exists. */
    public Object key() {
        return key;
    }

    /** Returns a view of the directory itself. */
    public PosixFileAttributeView attributes() {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, followed());
    }

    /** The path through a descriptor is itself a link; a name must not be one. */
    private LinkOption[] followed() {
        return hold == null ? new LinkOption[] {LinkOption.NOFOLLOW_LINKS} : new LinkOption[0];
    }

    @Override
    public void close() throws IOException {
        try (hold;
                stream) {
            // the try statement closes the stream
        }
    }
}
