package dev.construir.scratch;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place for scratch directories that cleans up after those who could not.
 *
 * <p>Any number of processes share a root. Each opens a directory of its own in it, named by its {@link ProcessIdentity}, and holds a
 * lock on a file there for as long as it lives; the kernel drops the lock however the process ends. Whoever opens the root next removes
 * the directories whose lock nobody holds. Safe for use by many threads.
 */
public final class Scratch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);
    private static final String LOCK = "lock";
    private static final String UNBORN = ".new-";

    private final Path own;
    private final RandomAccessFile lock;

    private Scratch(Path own, RandomAccessFile lock) {
        this.own = own;
        this.lock = lock;
    }

    /**
     * Returns where scratch directories live unless something else is said: {@code construir-USER} in {@code /var/tmp}, which, other
     * than {@code /tmp}, is seldom kept in memory; where there is no {@code /var/tmp}, in Java's temporary directory.
     *
     * @return the default root
     */
    public static Path defaultRoot() {
        Path parent = Path.of("/var/tmp");
        if (!Files.isWritable(parent)) {
            parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        }
        return parent.resolve(
                "construir-" + System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_"));
    }

    /**
     * Opens a root, creating it if it is missing, and removes what dead processes left in it.
     *
     * @param root the root; belongs to this user, and nobody else may write to it
     * @param leftover told about every leftover directory of a dead process, before it is removed
     * @return the place, to be closed by the caller
     * @throws IOException if the root cannot be used
     */
    public static Scratch open(Path root, Consumer<Path> leftover) throws IOException {
        Objects.requireNonNull(leftover, "leftover");
        ScratchRoot safe = ScratchRoot.prepare(root);
        ProcessIdentity self = ProcessIdentity.current();
        // Locked before it carries a name that sweepers look at.
        Path unborn = Files.createTempDirectory(safe.path(), UNBORN + self + "-", ScratchRoot.PRIVATE);
        try {
            safe.checkOwners(unborn);
            sweep(safe.path(), self, leftover);
            RandomAccessFile lock = lock(unborn);
            Path own = safe.path().resolve(unborn.getFileName().toString().substring(UNBORN.length()));
            Files.move(unborn, own);
            return new Scratch(own, lock);
        } catch (IOException e) {
            Removal.removeTree(unborn);
            throw e;
        }
    }

    private static RandomAccessFile lock(Path directory) throws IOException {
        RandomAccessFile file = new RandomAccessFile(directory.resolve(LOCK).toFile(), "rw");
        if (file.getChannel().tryLock() == null) {
            file.close();
            throw new IOException("a lock on a new file was refused: " + directory.resolve(LOCK));
        }
        return file;
    }

    /**
     * Creates a directory.
     *
     * @param prefix how its name starts
     * @return the directory, to be closed by the caller
     * @throws IOException if it cannot be created
     */
    public ScratchDirectory directory(String prefix) throws IOException {
        return ScratchDirectory.in(own, prefix + "-");
    }

    /** Removes all directories of this place, and lets go of the lock. Idempotent. */
    @Override
    public void close() {
        Removal.removeTree(own);
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("could not close the lock of {}: {}", own, e.toString());
        }
    }

    private static void sweep(Path root, ProcessIdentity self, Consumer<Path> leftover) throws IOException {
        try (DirectoryStream<Path> owners = Files.newDirectoryStream(root)) {
            for (Path owner : owners) {
                String name = owner.getFileName().toString();
                boolean unborn = name.startsWith(UNBORN);
                String[] parts = (unborn ? name.substring(UNBORN.length()) : name).split("-", 3);
                Optional<ProcessIdentity> identity =
                        parts.length == 3 ? ProcessIdentity.parse(parts[0] + "-" + parts[1]) : Optional.empty();
                // Our own lock files must not even be opened: closing one drops this process's lock (fcntl(2)).
                if (identity.isEmpty() || identity.get().equals(self)) {
                    continue;
                }
                if (unborn) {
                    if (!identity.get().isAlive()) {
                        Removal.removeTree(owner);
                    }
                } else {
                    sweepIfDead(owner, leftover);
                }
            }
        }
    }

    private static void sweepIfDead(Path owner, Consumer<Path> leftover) {
        try (RandomAccessFile file = new RandomAccessFile(owner.resolve(LOCK).toFile(), "rw")) {
            FileLock held = file.getChannel().tryLock();
            if (held == null) {
                return;
            }
            LOG.info("removing what a dead process left behind: {}", owner);
            try (DirectoryStream<Path> directories = Files.newDirectoryStream(owner, Files::isDirectory)) {
                directories.forEach(leftover);
            }
            Removal.removeTree(owner);
        } catch (FileNotFoundException | NoSuchFileException e) {
            LOG.trace("swept by another process: {}", owner);
        } catch (IOException | OverlappingFileLockException e) {
            LOG.warn("could not sweep {}: {}", owner, e.toString());
        }
    }
}
