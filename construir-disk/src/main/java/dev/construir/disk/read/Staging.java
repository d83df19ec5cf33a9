package dev.construir.disk.read;

import dev.construir.host.OpenDirectory;
import dev.construir.host.ProcFdPaths;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory for files that are on their way to their names: only this user may look into it, so a file has its
 * content, its time and its mode before any other process can replace it. It is on the file system that the files go
 * to, so that they are moved in no time.
 */
final class Staging implements Closeable {
    private static final String PREFIX = ".construir-";

    private final Path path;
    private final OpenDirectory held;
    private boolean closed;

    private Staging(Path path, OpenDirectory held) {
        this.path = path;
        this.held = held;
    }

    /** Makes one in a directory, which stays open for as long as it is used. */
    static Staging in(OpenDirectory directory, @Nullable ProcFdPaths descriptors) throws IOException {
        Path path = Files.createTempDirectory(directory.path(), PREFIX, FileExtractor.PRIVATE_DIRECTORY);
        try {
            return new Staging(path, OpenDirectory.open(path, descriptors));
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(path);
            throw e;
        }
    }

    OpenDirectory directory() {
        return held;
    }

    /** Removes a file that is not wanted. */
    void discard(Path part) throws IOException {
        Files.deleteIfExists(held.path().resolve(part));
    }

    /** Keeps a file for further names, as it is when it has none yet. */
    void share(Path part, long inode) throws IOException {
        Path kept = shared(inode);
        Files.deleteIfExists(kept);
        Files.createLink(kept, held.path().resolve(part));
    }

    /** Returns where a file is kept that has several names, as long as there may come another one. */
    Path shared(long inode) {
        return held.path().resolve("inode-" + inode);
    }

    /** Returns where something is put that is to be removed. */
    Path discarded(long number) {
        return held.path().resolve("discarded-" + number);
    }

    /** Removes it, once: afterwards its path may lead elsewhere. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (held;
                DirectoryStream<Path> all = Files.newDirectoryStream(held.path())) {
            for (Path each : all) {
                Files.deleteIfExists(each);
            }
        } finally {
            Files.deleteIfExists(path);
        }
    }
}
