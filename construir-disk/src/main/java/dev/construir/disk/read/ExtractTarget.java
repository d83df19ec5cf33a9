package dev.construir.disk.read;

import dev.construir.ext.DiskPath;
import dev.construir.host.HostDirectory;
import dev.construir.host.OpenDirectory;
import dev.construir.host.ProcFdPaths;
import dev.construir.text.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serial;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The directory that is extracted to, held open, marked as long as it is incomplete, and what stands in the way there.
 */
final class ExtractTarget implements Closeable {
    /** The name of the mark: a directory, in which files are written before they get their names. */
    static final String MARK = ".construir-incomplete";

    private final Path path;
    private final OpenDirectory held;
    private final @Nullable ProcFdPaths descriptors;
    private final HostDirectory directory;
    private final OpenDirectory mark;
    private final Staging staging;

    private final @Nullable ExtractionRollback rollback;

    /**
     * Opens and marks a directory.
     *
     * @param path its real path
     * @param found where numbers of descriptors are looked for
     * @param rollback remembers what is made; null if that is not needed
     */
    ExtractTarget(Path path, ProcFdPaths found, @Nullable ExtractionRollback rollback) throws IOException {
        this.path = path;
        this.rollback = rollback;
        OpenDirectory.Top top = OpenDirectory.top(path, found);
        held = top.directory();
        descriptors = top.descriptors();
        directory = HostDirectory.target(held);
        try {
            mark = mark();
        } catch (IOException | RuntimeException e) {
            held.close();
            throw e;
        }
        try {
            staging = Staging.in(mark, descriptors);
        } catch (IOException | RuntimeException e) {
            mark.close();
            held.close();
            throw e;
        }
    }

    /** An extraction that was killed may have left one, and another may be under way. */
    private OpenDirectory mark() throws IOException {
        Path name = held.path().resolve(MARK);
        try {
            Files.createDirectory(name, FileExtractor.PRIVATE_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(name, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileSystemException(
                        path.resolve(MARK).toString(), null, "is in the way of an extraction, which needs that name");
            }
        }
        return OpenDirectory.open(name, descriptors);
    }

    /** Creates a file or directory. */
    @FunctionalInterface
    interface Creation {
        void run() throws IOException;
    }

    /** Something is in the way that must not be replaced. */
    static final class InTheWayException extends FileSystemException {
        @Serial
        private static final long serialVersionUID = 1L;

        InTheWayException(Path path, String reason) {
            super(path.toString(), null, reason);
        }
    }

    /** Returns the target as what others are made in. */
    HostDirectory directory() {
        return directory;
    }

    Staging staging() {
        return staging;
    }

    /** Makes a place for what another thread writes. */
    Staging anotherStaging() throws IOException {
        return Staging.in(mark, descriptors);
    }

    /** Makes a place for files that go into a directory where another file system begins. */
    Staging stagingIn(HostDirectory other) throws IOException {
        return Staging.in(other.held(), descriptors);
    }

    OpenDirectory open(Path name) throws IOException {
        return OpenDirectory.open(name, descriptors);
    }

    /** Opens a directory that was made just now. */
    OpenDirectory openMade(Path name) throws IOException {
        OpenDirectory made = open(name);
        if (rollback != null) {
            rollback.inside(made);
        }
        return made;
    }

    /** Remembers that something was made. */
    void made(HostDirectory parent, Path name) throws IOException {
        if (rollback != null) {
            rollback.made(parent, name);
        }
    }

    /** Returns whether a name is that of the mark, or taken for it by some hosts. */
    static boolean isMark(byte[] name) {
        return MARK.equalsIgnoreCase(DiskPath.text(name));
    }

    /**
     * Creates something that must not exist, and if it does, removes that first, unless it is a directory or was
     * extracted just now.
     */
    void create(Path at, NameCollisions.Name name, Creation creation) throws IOException {
        try {
            creation.run();
        } catch (FileAlreadyExistsException e) {
            checkTwin(at, name);
            checkNoDirectory(at);
            Files.delete(at);
            creation.run();
        }
        name.extracted();
    }

    /**
     * Gives a file that is complete its name. What has that name is replaced, unless it is a directory or was extracted
     * just now.
     *
     * @throws java.nio.file.AtomicMoveNotSupportedException if another file system begins there
     */
    void move(CompleteFile file, HostDirectory into, Path hostName, NameCollisions.Name name) throws IOException {
        Path to = into.resolve(hostName);
        if (name.mayHaveTwin() && Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
            checkTwin(to, name);
        }
        try {
            file.staging().directory().move(file.part(), into.held(), hostName);
        } catch (FileSystemException e) {
            checkNoDirectory(to);
            throw e;
        }
        name.extracted();
    }

    /** Creates a further name of a file. Returns false if this host has no hard links, or no more of this one. */
    boolean link(Path at, Path existing, NameCollisions.Name name) throws IOException {
        try {
            create(at, name, () -> Files.createLink(at, existing));
            return true;
        } catch (InTheWayException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Checks that an existing file is not what was extracted just now under a name that is the same for the host. */
    void checkTwin(Path at, NameCollisions.Name name) throws IOException {
        if (name.hasTwin(at)) {
            throw new InTheWayException(at, "its name is, for this host, that of another");
        }
    }

    private static void checkNoDirectory(Path at) throws IOException {
        if (Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
            throw new InTheWayException(at, "a directory is in its place");
        }
    }

    /**
     * Returns why there is no entry. A guest can make what this host cannot, such as names that are too long.
     *
     * @throws IOException if the host takes nothing any more: the disk is full, or was never writable
     */
    String reason(FileSystemException refusal) throws IOException {
        if (refusal instanceof InTheWayException) {
            return Objects.requireNonNullElse(refusal.getReason(), "in the way");
        }
        try {
            // The text of a refusal is in the host's language, and has no number. So try what must succeed.
            Path probe = Files.createTempFile(held.path(), ".construir-", ".probe");
            try {
                Files.write(probe, new byte[1]);
            } finally {
                Files.delete(probe);
            }
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            IOException all = new IOException(
                    "nothing more can be extracted to " + path + ": " + Reason.withoutFile(refusal), refusal);
            all.addSuppressed(e);
            throw all;
        }
        return "this host refuses it: " + Reason.withoutFile(refusal);
    }

    /** Takes the mark away, unless another extraction has or had its own files there. */
    void complete() throws IOException {
        staging.close();
        try {
            Files.deleteIfExists(held.path().resolve(MARK));
        } catch (DirectoryNotEmptyException e) {
            // it stays for the other one
        }
    }

    @Override
    public void close() throws IOException {
        try (held;
                mark) {
            try {
                staging.close();
            } finally {
                directory.closeAllBelowTarget();
            }
        }
    }
}
