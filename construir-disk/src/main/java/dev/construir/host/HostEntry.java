package dev.construir.host;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** An entry of a directory of the host's. */
public final class HostEntry {
    private final HostDirectory place;
    private final Path shown;
    private final Path name;
    private final byte[] bytes;

    /**
     * Creates an entry.
     *
     * @param place the directory, which is open while the entry is looked at
     * @param shown the path to show to the user
     * @param name its name
     * @param bytes its name as bytes
     */
    public HostEntry(HostDirectory place, Path shown, Path name, byte[] bytes) {
        this.place = place;
        this.shown = shown;
        this.name = name;
        this.bytes = bytes;
    }

    public HostDirectory place() {
        return place;
    }

    public Path shown() {
        return shown;
    }

    Path name() {
        return name;
    }

    public byte[] bytes() {
        return bytes;
    }

    /** Returns a path to it that is valid while the directory is open. */
    public Path path() {
        return place.resolve(name);
    }

    /** Returns a failure with the path that the user knows, if it names the path that was opened. */
    public FileSystemException shown(Path path, FileSystemException failure) {
        return shown(path, shown, failure);
    }

    /** Returns a failure with another path, if it names some. */
    public static FileSystemException shown(Path path, Path as, FileSystemException failure) {
        if (!path.toString().equals(failure.getFile())) {
            return failure;
        }
        String file = as.toString();
        FileSystemException same;
        if (failure instanceof AccessDeniedException) {
            same = new AccessDeniedException(file, null, failure.getReason());
        } else if (failure instanceof NoSuchFileException) {
            same = new NoSuchFileException(file, null, failure.getReason());
        } else if (failure instanceof NotDirectoryException) {
            same = new NotDirectoryException(file);
        } else {
            same = new FileSystemException(file, null, failure.getReason());
        }
        same.initCause(failure);
        return same;
    }

    /** Another file has taken its name. */
    FileSystemException replaced() {
        return new FileSystemException(
                shown.toString(), null, "it was replaced while it was packed; pack it when no program changes it");
    }
}
