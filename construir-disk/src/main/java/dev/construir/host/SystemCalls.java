package dev.construir.host;

import dev.construir.host.CLibrary.Function;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * System calls of Linux that Java has no interface to. Paths, names and link texts are bytes without an end mark. Safe
 * for use by many threads.
 *
 * <p>The first use loads native code, which takes a tenth of a second: callers should ask late.
 */
public final class SystemCalls {
    private static final Logger LOG = LoggerFactory.getLogger(SystemCalls.class);

    /** The architectures that have the constants below. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "aarch64", "riscv64", "ppc64le", "s390x");

    private static final int AT_FDCWD = -100;
    /** O_RDONLY, O_NOCTTY, O_NONBLOCK (no waiting for the other end of a FIFO) and O_CLOEXEC. */
    private static final int OPEN_TO_READ = 0400 | 04000 | 02000000;

    /** O_NOFOLLOW, of which ARM and POWER have others. */
    private static final int NO_LINK =
            Set.of("aarch64", "ppc64le").contains(System.getProperty("os.arch")) ? 0100000 : 0400000;

    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    /** XATTR_LIST_MAX and XATTR_SIZE_MAX. */
    private static final int MOST_OF_ATTRIBUTES = 1 << 16;

    private final Function open;
    private final Function close;
    private final Function lseek;
    private final Function symlinkat;
    private final Function utimensat;
    private final Function llistxattr;
    private final Function lgetxattr;

    SystemCalls(CLibrary library) throws ReflectiveOperationException {
        Class<?> pointer = ByteBuffer.class;
        open = library.function("open", int.class, pointer, int.class);
        close = library.function("close", int.class, int.class);
        lseek = library.function("lseek", long.class, int.class, long.class, int.class);
        symlinkat = library.function("symlinkat", int.class, pointer, int.class, pointer);
        utimensat = library.function("utimensat", int.class, int.class, pointer, pointer, int.class);
        llistxattr = library.function("llistxattr", long.class, pointer, pointer, long.class);
        lgetxattr = library.function("lgetxattr", long.class, pointer, pointer, pointer, long.class);
    }

    /** Native code is loaded once for a JVM. */
    private static final class Loaded {
        static final Optional<SystemCalls> CALLS = isSupported() ? load() : Optional.empty();

        private static boolean isSupported() {
            return System.getProperty("os.name").equals("Linux")
                    && ARCHITECTURES.contains(System.getProperty("os.arch"));
        }
    }

    /** A way into the C library. */
    interface Provider {
        CLibrary load() throws ReflectiveOperationException;
    }

    /**
     * Returns the calls.
     *
     * @return nothing, if this is not Linux or this JVM has no way to call the C library
     */
    public static Optional<SystemCalls> available() {
        return Loaded.CALLS;
    }

    private static Optional<SystemCalls> load() {
        return load(ForeignLibrary::new).or(() -> load(JnaLibrary::new));
    }

    static Optional<SystemCalls> load(Provider provider) {
        try {
            return Optional.of(new SystemCalls(provider.load()));
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            LOG.debug("The C library cannot be called this way", e);
            return Optional.empty();
        }
    }

    /**
     * Opens a file to read. Never blocks, whatever kind of file it is.
     *
     * @param path the file's path; its last name may be a symbolic link, which is followed
     * @return its descriptor, to {@link #close}
     * @throws IOException if it cannot be opened
     */
    public int open(byte[] path) throws IOException {
        return (int) Errno.check(open.call(text(path), OPEN_TO_READ), path);
    }

    /**
     * Opens an entry to read, which must be no symbolic link. Never blocks, whatever other kind of file it is.
     *
     * @param path the entry's path
     * @return its descriptor, to {@link #close}
     * @throws IOException if it cannot be opened, or is a symbolic link
     */
    int openEntry(byte[] path) throws IOException {
        return (int) Errno.check(open.call(text(path), OPEN_TO_READ | NO_LINK), path);
    }

    /**
     * Closes a descriptor.
     *
     * @param descriptor the descriptor
     */
    public void close(int descriptor) {
        long ignored = close.call(descriptor);
    }

    /**
     * Returns where a file's next data begins.
     *
     * @param descriptor the file
     * @param from where the search begins, in bytes
     * @return the place, {@code from} itself if it is in data; nothing if there is only a hole up to the file's end, or
     *     no file that long
     * @throws IOException if the file cannot be asked
     */
    public Optional<Long> nextData(int descriptor, long from) throws IOException {
        long found = lseek.call(descriptor, from, SEEK_DATA);
        if (found == -Errno.ENXIO) {
            return Optional.empty();
        }
        return Optional.of(Errno.check(found, new byte[0]));
    }

    /**
     * Returns where a file's next hole begins. The end of a file counts as one.
     *
     * @param descriptor the file
     * @param from where the search begins, in bytes; before the file's end
     * @return the place, {@code from} itself if it is in a hole
     * @throws IOException if the file cannot be asked
     */
    long nextHole(int descriptor, long from) throws IOException {
        return Errno.check(lseek.call(descriptor, from, SEEK_HOLE), new byte[0]);
    }

    /**
     * Makes a symbolic link.
     *
     * @param text its text, taken as it is
     * @param link the link
     * @throws java.nio.file.FileAlreadyExistsException if something is there
     * @throws IOException if it cannot be made
     */
    public void makeLink(byte[] text, byte[] link) throws IOException {
        Errno.check(symlinkat.call(text(text), AT_FDCWD, text(link)), link);
    }

    /**
     * Sets when an entry was read and changed last, whenever that was: Java cannot set a fraction of a second before
     * 1970.
     *
     * @param path the entry
     * @param seconds whole seconds since 1970, negative before
     * @param nanoseconds the nanoseconds in that second, 0 to 999,999,999
     * @param follow whether a symbolic link is followed
     * @throws IOException if the times cannot be set
     */
    void setTimes(byte[] path, long seconds, int nanoseconds, boolean follow) throws IOException {
        ByteBuffer times = ByteBuffer.allocateDirect(4 * Long.BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 2; i++) {
            times.putLong(seconds).putLong(nanoseconds);
        }
        int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
        Errno.check(utimensat.call(AT_FDCWD, text(path), times.rewind(), flags), path);
    }

    /**
     * Returns the names of an entry's extended attributes, of all namespaces that this process may see. A symbolic link
     * is not followed.
     *
     * @param path the entry
     * @return the names, such as {@code user.comment}; none if the file system has no attributes
     * @throws IOException if they cannot be read
     */
    public List<byte[]> attributeNames(byte[] path) throws IOException {
        ByteBuffer file = text(path);
        ByteBuffer names = ByteBuffer.allocateDirect(1);
        long length = llistxattr.call(file, names, 0L);
        if (length > 0) {
            names = ByteBuffer.allocateDirect(MOST_OF_ATTRIBUTES);
            length = llistxattr.call(file, names, (long) MOST_OF_ATTRIBUTES);
        }
        if (length == -Errno.EOPNOTSUPP) {
            return List.of();
        }
        byte[] all = bytes(names, Errno.check(length, path));
        List<byte[]> found = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < all.length; at++) {
            if (all[at] == 0) {
                found.add(Arrays.copyOfRange(all, from, at));
                from = at + 1;
            }
        }
        return found;
    }

    /**
     * Returns the value of an extended attribute. A symbolic link is not followed.
     *
     * @param path the entry
     * @param name the attribute's name, such as {@code system.posix_acl_access}
     * @return the value, at most 64 KiB; nothing if the entry has no such attribute, or its file system none at all
     * @throws IOException if it cannot be read
     */
    public Optional<byte[]> attribute(byte[] path, byte[] name) throws IOException {
        ByteBuffer value = ByteBuffer.allocateDirect(MOST_OF_ATTRIBUTES);
        long length = lgetxattr.call(text(path), text(name), value, (long) MOST_OF_ATTRIBUTES);
        if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
            return Optional.empty();
        }
        return Optional.of(bytes(value, Errno.check(length, path)));
    }

    /** Returns bytes as a C string, ended by a zero. */
    private static ByteBuffer text(byte[] bytes) throws IOException {
        for (byte each : bytes) {
            if (each == 0) {
                throw Errno.of(Errno.EINVAL, bytes);
            }
        }
        return ByteBuffer.allocateDirect(bytes.length + 1).put(bytes).rewind();
    }

    private static byte[] bytes(ByteBuffer from, long length) {
        byte[] bytes = new byte[(int) length];
        from.get(0, bytes);
        return bytes;
    }
}
