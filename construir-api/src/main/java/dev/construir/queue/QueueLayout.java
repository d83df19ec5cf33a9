package dev.construir.queue;

import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/**
 * The directories of a queue.
 *
 * @param top the queue's directory, by its real path
 */
record QueueLayout(Path top) {
    /** Makes what is missing. */
    static QueueLayout prepare(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
            QueueLayout layout = new QueueLayout(directory.toRealPath());
            for (Path folder : new Path[] {layout.queue(), layout.running(), layout.done(), layout.failed()}) {
                Files.createDirectories(folder);
                if (!Files.getFileStore(folder).equals(Files.getFileStore(layout.queue()))) {
                    throw new IOException(folder + " is on another file system than " + layout.queue()
                            + "; jobs are moved by renaming, so all directories of a queue must be on one");
                }
            }
            return layout;
        } catch (NotDirectoryException | FileAlreadyExistsException e) {
            throw new IOException("cannot serve " + directory + " as a queue: it is not a directory", e);
        } catch (java.nio.file.FileSystemException e) {
            throw new IOException(
                    "cannot serve " + directory + " as a queue: " + Reason.of(e) + "; choose a writable directory", e);
        }
    }

    /** Creates missing directories, but not all: if all are gone, the file system may not be mounted. */
    void restore() throws IOException {
        check();
        for (Path folder : new Path[] {running(), done(), failed()}) {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder);
            }
        }
    }

    /** Fails if the queue does not exist. */
    void check() throws IOException {
        if (!Files.isDirectory(queue())) {
            throw new NoSuchFileException(
                    queue().toString(), null, "the queue's directory has vanished; bring it back, or mount it again");
        }
    }

    Path queue() {
        return top.resolve("queue");
    }

    Path running() {
        return top.resolve("running");
    }

    Path done() {
        return top.resolve("done");
    }

    Path failed() {
        return top.resolve("failed");
    }
}
