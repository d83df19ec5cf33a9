package dev.construir.queue;

import dev.construir.ownership.Removal;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * All changes of a queue's directories, as atomic steps: a kill leaves each of them done or not done. Tests end the
 * work before each step. Interrupts have no effect: the code that decides on a job handles them. Safe for use by many
 * threads.
 */
class DurableFileOps {
    private static final String PARTIAL = ".part";

    /** Writes a file's content. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Runs before every step; tests fail here. */
    void step() throws IOException {}

    /** Renames, replacing anything but a directory that is not empty. */
    final void rename(Path from, Path to) throws IOException {
        step();
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Adds a name to a file; nothing may have it yet. */
    final void link(Path name, Path file) throws IOException {
        step();
        Files.createLink(name, file);
    }

    /** Makes a symbolic link; nothing may have its name yet. */
    final void point(Path name, Path target) throws IOException {
        step();
        Files.createSymbolicLink(name, target);
    }

    final void makeDirectory(Path directory) throws IOException {
        step();
        Files.createDirectory(directory);
    }

    /** Removes a file or an empty directory, if it is there. */
    final void remove(Path file) throws IOException {
        step();
        Files.deleteIfExists(file);
    }

    /** Removes a file, or a directory with its content, if it exists. Not one step. Does not follow links. */
    final void removeTree(Path tree) throws IOException {
        step();
        Removal.delete(tree);
    }

    /**
     * Writes a file that gets its name only when complete, and survives a loss of power once its directory is synced.
     * Replaces a file of that name.
     */
    final void write(Path file, Content content) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + PARTIAL);
        step();
        try (FileOutputStream out = new FileOutputStream(partial.toFile())) {
            content.writeTo(out);
            step();
            out.getFD().sync();
        } catch (IOException e) {
            try {
                remove(partial); // it may itself fill the disk
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        rename(partial, file);
    }

    final void write(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Overwrites the beginning of a file, created if missing. Not a step: the write may be torn, and nothing depends on
     * it.
     */
    void overwrite(Path file, byte[] content) throws IOException {
        // reopened every time: a network file system sends changes to other hosts on close
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(content);
        }
    }

    final void sync(Path file) throws IOException {
        step();
        force(file, StandardOpenOption.WRITE);
    }

    // Linux can open a directory for reading and sync it; other systems may refuse.
    final void syncDirectory(Path directory) throws IOException {
        step();
        force(directory, StandardOpenOption.READ);
    }

    private static void force(Path file, OpenOption how) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (boolean forced = false; !forced; ) {
                try (FileChannel channel = FileChannel.open(file, how)) {
                    channel.force(true);
                    forced = true;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
