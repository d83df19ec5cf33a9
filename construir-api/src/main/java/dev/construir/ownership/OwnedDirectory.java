package dev.construir.ownership;

import dev.construir.text.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that belongs to one process for as long as that lives. Its name is the {@link ProcessIdentity}, and a
 * file in it is locked: the kernel drops the lock however the process ends, so a process that gets it knows that the
 * owner is dead, and owns the directory from there on. Safe for use by many threads.
 */
public final class OwnedDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnedDirectory.class);
    private static final String LOCK = "lock";
    private static final String UNBORN = ".new-";

    private final Path path;
    private final RandomAccessFile lock;
    private final Object key;

    private OwnedDirectory(Path path, RandomAccessFile lock, Object key) {
        this.path = path;
        this.lock = lock;
        this.key = key;
    }

    /** What is done with an orphan. */
    @FunctionalInterface
    public interface Heir {
        /**
         * Takes what a dead process left. No other process does until it returns; what it leaves is removed then.
         *
         * @param orphan the directory
         * @throws IOException if some of it cannot be taken; it stays an orphan then
         */
        void inherit(Path orphan) throws IOException;
    }

    /**
     * Creates a directory that belongs to this process.
     *
     * @param root where
     * @param attributes what it is created with
     * @return the directory, to be closed by the caller
     * @throws IOException if it cannot be created, or its file cannot be locked
     */
    public static OwnedDirectory create(Path root, FileAttribute<?>... attributes) throws IOException {
        // Locked before it carries a name that others look at.
        Path unborn = Files.createTempDirectory(root, UNBORN + ProcessIdentity.current() + "-", attributes);
        try {
            RandomAccessFile lock = new RandomAccessFile(unborn.resolve(LOCK).toFile(), "rw");
            try {
                if (lock.getChannel().tryLock() == null) {
                    throw new IOException("a lock on a new file was refused: " + unborn.resolve(LOCK));
                }
                Path own = root.resolve(unborn.getFileName().toString().substring(UNBORN.length()));
                Files.move(unborn, own);
                return new OwnedDirectory(own, lock, key(own));
            } catch (IOException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            Removal.removeTree(unborn);
            throw e;
        }
    }

    /**
     * Looks for directories whose owners are dead, and removes them when they were inherited. One that cannot be is
     * logged, and left.
     *
     * @param root where
     * @param heir called for each
     * @throws IOException if the root cannot be read
     */
    public static void inherit(Path root, Heir heir) throws IOException {
        ProcessIdentity self = ProcessIdentity.current();
        try (DirectoryStream<Path> owners = Files.newDirectoryStream(root)) {
            for (Path owner : owners) {
                String name = owner.getFileName().toString();
                boolean unborn = name.startsWith(UNBORN);
                Optional<ProcessIdentity> identity = identity(unborn ? name.substring(UNBORN.length()) : name);
                // Our own lock files must not even be opened: closing one drops this process's lock (fcntl(2)).
                if (identity.isEmpty() || identity.get().equals(self)) {
                    continue;
                }
                if (!unborn) {
                    inheritIfDead(owner, heir);
                } else if (!identity.get().isAlive()) {
                    Removal.removeTree(owner);
                }
            }
        }
    }

    private static Optional<ProcessIdentity> identity(String name) {
        String[] parts = name.split("-", 3);
        return parts.length == 3 ? ProcessIdentity.parse(parts[0] + "-" + parts[1]) : Optional.empty();
    }

    private static void inheritIfDead(Path owner, Heir heir) {
        try (RandomAccessFile file = new RandomAccessFile(owner.resolve(LOCK).toFile(), "rw")) {
            FileLock held = file.getChannel().tryLock();
            if (held != null) {
                heir.inherit(owner);
                bury(owner);
            }
        } catch (FileNotFoundException | NoSuchFileException e) {
            LOG.trace("inherited by another process: {}", owner);
        } catch (IOException | OverlappingFileLockException e) {
            LOG.warn("what a dead process left in {} stays there: {}", owner, e.toString());
        }
    }

    // First out of the way of other heirs: one that opens the lock when it was removed makes another.
    private static void bury(Path orphan) throws IOException {
        Path grave = orphan.resolveSibling(UNBORN + ProcessIdentity.current() + "-" + orphan.getFileName());
        Files.move(orphan, grave, StandardCopyOption.ATOMIC_MOVE);
        Removal.removeTree(grave);
    }

    /**
     * Returns the directory.
     *
     * @return its path
     */
    public Path path() {
        return path;
    }

    /**
     * Returns whether the directory is where it was made: a user may have removed it, moved it, or replaced a directory
     * above it.
     *
     * @return whether it is there
     */
    public boolean isThere() {
        try {
            return key(path).equals(key);
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            return false;
        }
    }

    private static Object key(Path directory) throws IOException {
        Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        return key == null ? directory : key; // not every file system has such
    }

    /** Removes the directory with all that is in it, and lets go of the lock. Idempotent. */
    @Override
    public void close() {
        Removal.removeTree(path);
        release();
    }

    /** Lets go of the lock, and leaves the directory to an heir. Idempotent. */
    public void release() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("could not close the lock of {}: {}", path, Reason.of(e));
        }
    }

    /** Returns the path. */
    @Override
    public String toString() {
        return path.toString();
    }
}
