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
 * Everything that changes the directories of a queue, in steps of which each is done or is not, whenever the process is
 * killed. Tests end the work before each of them. An interrupt cuts none of them short: the code that decides on a job
 * handles it, not the changes that follow. Safe for use by many threads.
 */
class DurableFileOps {
    private static final String PARTIAL = ".part";

    /** Writes a file's content. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Comes before every step. */
    void step() throws IOException {}

    /** Replaces what has the new name, unless that is a directory with something in it. */
    final void rename(Path from, Path to) throws IOException {
        step();
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Gives a file another name, which nothing may have. */
    final void link(Path name, Path file) throws IOException {
        step();
        Files.createLink(name, file);
    }

    /** Makes a symbolic link, of a name that nothing may have. */
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

    /**
     * Removes a file, or a directory with all that is in it, if it is there, which is not one step; links are not
     * followed.
     */
    final void removeTree(Path tree) throws IOException {
        step();
        Removal.delete(tree);
    }

    /**
     * Writes a file that has its name only when it is whole, and outlives a loss of power once its directory is synced;
     * one of that name is replaced.
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
                remove(partial); // it may be what fills the disk
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
     * Writes over the beginning of a file, which it makes if it is not there. No step: nothing depends on it, and it
     * may be torn.
     */
    void overwrite(Path file, byte[] content) throws IOException {
        // opened anew every time: closing is what sends it to the other hosts of a network file system
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(content);
        }
    }

    final void sync(Path file) throws IOException {
        step();
        force(file, StandardOpenOption.WRITE);
    }

    // Linux opens a directory for reading, and syncs it through such a channel; elsewhere it may be refused.
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
