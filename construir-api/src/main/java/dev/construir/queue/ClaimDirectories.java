package dev.construir.queue;

import dev.construir.ownership.OwnedDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of this process's claims, in a locked directory below {@code running/}. If that is removed or moved,
 * it makes another. Safe for use by many threads.
 */
final class ClaimDirectories implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimDirectories.class);

    private final QueueLayout layout;
    private final DurableFileOps changes;
    private final List<OwnedDirectory> lost = new ArrayList<>(); // moved away but still locked: their jobs still run
    private volatile OwnedDirectory own; // written under this
    private long count;

    private ClaimDirectories(QueueLayout layout, DurableFileOps changes, OwnedDirectory own) {
        this.layout = layout;
        this.changes = changes;
        this.own = own;
    }

    static ClaimDirectories open(QueueLayout layout, DurableFileOps changes) throws IOException {
        OwnedDirectory own;
        try {
            own = OwnedDirectory.create(layout.running());
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot serve " + layout.top() + " as a queue: " + Reason.of(e) + "; choose a writable directory",
                    e);
        }
        try {
            checkLinks(own.path(), layout.top());
            return new ClaimDirectories(layout, changes, own);
        } catch (IOException e) {
            own.close();
            throw e;
        }
    }

    private static void checkLinks(Path own, Path top) throws IOException {
        Path file = own.resolve("file");
        try {
            Files.createFile(file);
            Files.createLink(own.resolve("link"), file);
            Files.delete(own.resolve("link"));
            Files.delete(file);
        } catch (FileSystemException | UnsupportedOperationException e) {
            throw new IOException(
                    "cannot serve " + top + " as a queue: its file system ("
                            + Files.getFileStore(own).type() + ") makes no hard links ("
                            + e.getMessage() + "); choose a directory on ext4, XFS, Btrfs or the like",
                    e);
        }
    }

    /** Makes an empty directory for a claim. */
    synchronized ClaimDirectory add() throws IOException {
        ClaimDirectory directory = next();
        changes.makeDirectory(directory.path());
        return directory;
    }

    /** Moves a claim of another process to this one, in one step. Returns empty if the claim is gone. */
    synchronized Optional<ClaimDirectory> takeOver(ClaimDirectory theirs) throws IOException {
        ClaimDirectory directory = new ClaimDirectory(next().path(), theirs.path(), changes);
        theirs.sayTakenBy("process id " + ProcessHandle.current().pid());
        try {
            changes.rename(theirs.path(), directory.path());
            return Optional.of(directory);
        } catch (NoSuchFileException e) {
            if (!theirs.isGone()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private ClaimDirectory next() throws IOException {
        if (!own.isThere()) {
            layout.restore();
            OwnedDirectory another = OwnedDirectory.create(layout.running());
            LOG.warn("{} was removed or moved; claims go to {} from now on", own.path(), another.path());
            lost.add(own);
            own = another;
        }
        return new ClaimDirectory(own.path().resolve(Long.toString(++count)), changes);
    }

    /** Returns the directory of this process, which may have been removed. */
    Path path() {
        return own.path();
    }

    /** Returns the directory of this process if it exists. */
    Optional<Path> present() {
        OwnedDirectory current = own;
        return current.isThere() ? Optional.of(current.path()) : Optional.empty();
    }

    /** Releases the locks. Another process takes the claims that could not be ended. */
    @Override
    public synchronized void close() {
        lost.forEach(OwnedDirectory::release);
        if (hasClaims()) {
            own.release();
        } else {
            own.close();
        }
    }

    private boolean hasClaims() {
        try (Stream<Path> left = Files.list(own.path())) {
            for (Path path : (Iterable<Path>) left::iterator) {
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && !isEmpty(path)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            LOG.warn("could not look into {}: {}", own.path(), Reason.of(e));
            return true;
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }
}
