package dev.construir.disk;

import dev.construir.Reason;
import java.io.IOException;
import java.io.Serial;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The directory that is extracted to, and what stands in the way there. */
final class ExtractTarget {
    private final Path top;

    ExtractTarget(Path top) {
        this.top = top;
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

    /** Creates something that must not exist, and if it does, removes that first, unless it is a directory or was extracted just now. */
    void create(Path path, Siblings.Name name, Creation creation) throws IOException {
        try {
            creation.run();
        } catch (FileAlreadyExistsException e) {
            checkTwin(path, name);
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new InTheWayException(path, "a directory is in its place");
            }
            Files.delete(path);
            creation.run();
        }
        name.extracted();
    }

    /** Creates a further name of a file. Returns false if this host has no hard links, or no more of this one. */
    boolean link(Path path, Path existing, Siblings.Name name) throws IOException {
        try {
            create(path, name, () -> Files.createLink(path, existing));
            return true;
        } catch (InTheWayException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Checks that an existing file is not what was extracted just now under a name that is the same for the host. */
    void checkTwin(Path path, Siblings.Name name) throws IOException {
        if (name.hasTwin(path)) {
            throw new InTheWayException(path, "its name is, for this host, that of another");
        }
    }

    /**
     * Returns why the host refused an entry. A guest can make what this host cannot, such as paths that are too long.
     *
     * @throws IOException if the host takes nothing any more: the disk is full, or was never writable
     */
    String reason(FileSystemException refusal) throws IOException {
        try {
            // The text of a refusal is in the host's language, and has no number. So try what must succeed.
            Path probe = Files.createTempFile(top, "construir-", ".probe");
            try {
                Files.write(probe, new byte[1]);
            } finally {
                Files.delete(probe);
            }
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            IOException all =
                    new IOException("nothing more can be extracted to " + top + ": " + Reason.of(refusal), refusal);
            all.addSuppressed(e);
            throw all;
        }
        return "this host refuses it: " + (refusal.getReason() == null ? Reason.of(refusal) : refusal.getReason());
    }
}
