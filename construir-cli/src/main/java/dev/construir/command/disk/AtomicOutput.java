package dev.construir.command.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes files that have their name only when they are whole. */
final class AtomicOutput {
    private AtomicOutput() {}

    /** What writes a file, which does not exist yet. */
    @FunctionalInterface
    interface Writer {
        void write(Path file) throws IOException, InterruptedException;
    }

    /**
     * Makes a file under another name beside it, and renames it. What is left when the process is killed has that other
     * name, until the next command removes it.
     *
     * @throws FileAlreadyExistsException if there is something of that name, which stays as it is
     */
    static void make(Path target, Writer writer) throws IOException, InterruptedException {
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        try (PartialFile partial = PartialFile.beside(target)) {
            partial.path().toFile().deleteOnExit(); // a writer that does not end in time is left behind
            writer.write(partial.path());
            appear(partial.path(), target);
        }
    }

    /**
     * Gives a file or a directory its name; a file may keep the other one too.
     *
     * @throws FileAlreadyExistsException if there is something of that name, which stays as it is
     */
    // A second link is made only where nothing is; a move looks first, and may replace what came between.
    static void appear(Path partial, Path target) throws IOException {
        try {
            Files.createLink(target, partial);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException noLinksHere) {
            Files.move(partial, target);
        }
    }
}
