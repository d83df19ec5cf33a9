package dev.construir.command.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A lock on the place of a sandbox: a lock on a file there, which the kernel drops however the process ends. Its holder
 * alone may change what is there, and may remove it, this file last. The file's first word is the holder's process.
 */
final class PlaceLock implements AutoCloseable {
    private static final int LARGEST = 100;

    private final FileChannel channel;

    private PlaceLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, if it is free.
     *
     * @param file the file; made if it is missing
     * @return the lock; empty if another holds it
     * @throws NoSuchFileException if the file's directory is not there
     */
    static Optional<PlaceLock> take(Path file) throws IOException {
        return take(file, StandardOpenOption.CREATE);
    }

    /** The same without making the file: {@link NoSuchFileException} says that it is not there. */
    static Optional<PlaceLock> takeExisting(Path file) throws IOException {
        return take(file, null);
    }

    // A file that its holder removed meanwhile can be locked as well: only what is found by its name counts.
    private static Optional<PlaceLock> take(Path file, @Nullable OpenOption create) throws IOException {
        FileChannel channel = open(file, create);
        boolean taken = false;
        try {
            taken = lock(channel) && isAt(file, sign(channel));
            return taken ? Optional.of(new PlaceLock(channel)) : Optional.empty();
        } finally {
            if (!taken) {
                channel.close();
            }
        }
    }

    private static FileChannel open(Path file, @Nullable OpenOption create) throws IOException {
        Set<OpenOption> how = new HashSet<>(Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        if (create != null) {
            how.add(create);
        }
        return FileChannel.open(file, how, NamedSandbox.OWN_FILE);
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (
                @SuppressWarnings("unused")
                OverlappingFileLockException e) { // held by this process
            return false;
        }
    }

    private static String sign(FileChannel channel) throws IOException {
        String signature = ProcessHandle.current().pid() + " " + UUID.randomUUID();
        ByteBuffer bytes = ByteBuffer.wrap(signature.getBytes(StandardCharsets.US_ASCII));
        channel.truncate(0);
        while (bytes.hasRemaining()) {
            int unused = channel.write(bytes);
        }
        return signature;
    }

    private static boolean isAt(Path file, String signature) {
        try {
            return read(file).equals(signature);
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return false;
        }
    }

    private static String read(Path file) throws IOException {
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(LARGEST), StandardCharsets.US_ASCII);
        }
    }

    /** Returns whether somebody holds the lock. To find out takes it for a moment, if it is free. */
    static boolean isHeld(Path file) throws IOException {
        try (FileChannel channel = open(file, null)) {
            return !lock(channel);
        } catch (
                @SuppressWarnings("unused")
                NoSuchFileException e) {
            return false;
        }
    }

    /** Returns the number of the process that held the lock last; empty if that is not known. */
    static Optional<String> holder(Path file) {
        try {
            String first = read(file).split(" ", 2)[0];
            return first.matches("\\d+") ? Optional.of(first) : Optional.empty();
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return Optional.empty();
        }
    }

    /** Lets go of it. Idempotent. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
