package dev.construir.command.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
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

/**
 * A lock on the place of a sandbox: a lock on a file there, which the kernel drops however the process ends. Its holder
 * alone may change what is there. The file holds the number of the holder's process.
 *
 * <p>The file goes with the place, and who opened it before could lock what has no name any more. So all that takes,
 * tests or removes one does that alone: holding a lock on a file of the directory above, which stays.
 *
 * <p>A process that closes any descriptor of a file loses its lock on it (fcntl(2)): one that holds a lock opens that
 * file no second time.
 */
final class PlaceLock {
    private static final String MUTEX = ".lock";
    private static final int LARGEST = 20;
    private static final Set<Path> HELD_HERE = new HashSet<>(); // guarded by this class

    private final Path file;
    private final FileChannel channel;

    private PlaceLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** What is done while no other process takes, tests or removes a lock in the same directory. */
    @FunctionalInterface
    private interface Action<T> {
        T perform() throws IOException;
    }

    /** What is done while the lock is held. */
    @FunctionalInterface
    interface Work {
        /** Does it. */
        void perform() throws IOException;
    }

    private static synchronized <T> T alone(Path file, Action<T> action) throws IOException {
        Path mutex = file.resolveSibling("..").resolve(MUTEX).normalize();
        try (FileChannel channel = open(mutex, StandardOpenOption.CREATE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IOException("the lock of " + mutex + " was lost");
            }
            return action.perform();
        } catch (FileLockInterruptionException e) {
            ClosedByInterruptException interrupted = new ClosedByInterruptException(); // as any other channel's
            Throwable unused = interrupted.initCause(e);
            throw interrupted;
        }
    }

    private static FileChannel open(Path file, OpenOption... more) throws IOException {
        Set<OpenOption> how = new HashSet<>(Set.of(more));
        how.add(StandardOpenOption.WRITE);
        how.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, how, NamedSandbox.OWN_FILE);
    }

    /**
     * Takes the lock, if it is free.
     *
     * @param file the file; made if it is missing
     * @param before makes the file's directory
     * @return the lock; empty if another holds it
     */
    static Optional<PlaceLock> take(Path file, Work before) throws IOException {
        return alone(file, () -> {
            if (HELD_HERE.contains(file)) {
                return Optional.empty();
            }
            before.perform();
            FileChannel channel = open(file, StandardOpenOption.CREATE);
            boolean taken = false;
            try {
                taken = isLocked(channel);
                if (taken) {
                    sign(channel);
                    HELD_HERE.add(file);
                    return Optional.of(new PlaceLock(file, channel));
                }
                return Optional.empty();
            } finally {
                if (!taken) {
                    channel.close();
                }
            }
        });
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        FileLock lock = channel.tryLock();
        return lock != null;
    }

    private static void sign(FileChannel channel) throws IOException {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(
                Long.toString(ProcessHandle.current().pid()));
        channel.truncate(0);
        while (bytes.hasRemaining()) {
            int unused = channel.write(bytes);
        }
    }

    /** Returns whether somebody holds the lock. */
    static boolean isHeld(Path file) throws IOException {
        return alone(file, () -> {
            if (HELD_HERE.contains(file)) {
                return true;
            }
            try (FileChannel channel = open(file)) {
                return !isLocked(channel);
            } catch (
                    @SuppressWarnings("unused")
                    NoSuchFileException e) {
                return false;
            }
        });
    }

    /** Returns the number of the process that holds the lock, or held it last; empty if that is not known. */
    static Optional<String> holder(Path file) {
        synchronized (PlaceLock.class) {
            if (HELD_HERE.contains(file)) {
                return Optional.of(Long.toString(ProcessHandle.current().pid()));
            }
        }
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            String number = new String(in.readNBytes(LARGEST), StandardCharsets.US_ASCII);
            return number.matches("\\d+") ? Optional.of(number) : Optional.empty();
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Lets go of it.
     *
     * @param last is done before, with nobody looking; it may remove the file
     */
    void release(Work last) throws IOException {
        boolean unused = alone(file, () -> {
            try (channel) {
                last.perform();
                return true;
            } finally {
                HELD_HERE.remove(file);
            }
        });
    }
}
