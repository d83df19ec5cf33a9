package dev.construir.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Creates files that are whole or not there. */
public final class AtomicNewFile {
    private AtomicNewFile() {}

    /** Opens an empty file, fills it and closes it. */
    @FunctionalInterface
    public interface Content {
        void write() throws IOException;
    }

    /**
     * Creates a file and removes it if its content cannot be written.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists; it stays then
     */
    public static void create(Path file, Content content) throws IOException {
        Files.createFile(file);
        boolean complete = false;
        try {
            content.write();
            complete = true;
        } finally {
            if (!complete) {
                Files.deleteIfExists(file);
            }
        }
    }
}
