package dev.construir.ownership;

import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes trees without following links. A directory that is in another one than the root is moved there before it is
 * emptied, so that neither a stack nor open files are needed for those inside each other, and no path is too long.
 */
public final class Removal {
    private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

    private final Path root;
    private final Deque<Path> directories = new ArrayDeque<>();
    private long moved;

    private Removal(Path root) {
        this.root = root;
    }

    /**
     * Removes a tree, or a file, as far as it can. What cannot be removed is logged, and stays.
     *
     * @param root what is removed
     */
    public static void removeTree(Path root) {
        try {
            delete(root);
        } catch (IOException e) {
            LOG.warn("could not remove the scratch directory {}: {}", root, Reason.of(e));
        }
    }

    /**
     * Removes a tree, or a file, if it is there. Directories that deny it to their owner are changed first.
     *
     * @param root what is removed
     * @throws IOException if some of it cannot be removed
     */
    public static void delete(Path root) throws IOException {
        try {
            if (isDirectory(root)) {
                open(root);
                new Removal(root).empty();
            }
        } catch (NoSuchFileException e) {
            LOG.trace("already gone: {}", root);
        }
        Files.deleteIfExists(root);
    }

    private static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private void empty() throws IOException {
        empty(root);
        while (!directories.isEmpty()) {
            Path directory = directories.pop();
            empty(directory);
            Files.deleteIfExists(directory);
        }
    }

    private void empty(Path directory) throws IOException {
        try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
            for (Path each : content) {
                remove(each, directory);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            LOG.trace("already gone: {}", directory);
        }
    }

    private void remove(Path entry, Path in) throws IOException {
        if (!isDirectory(entry)) {
            Files.deleteIfExists(entry);
            return;
        }
        try {
            open(entry); // what is not writable can be neither emptied nor moved
            directories.push(in.equals(root) ? entry : moved(entry));
        } catch (NoSuchFileException e) {
            LOG.trace("already gone: {}", entry);
        }
    }

    /** However deep it is, and however long its path: right below the root both are short. */
    private Path moved(Path directory) throws IOException {
        Path free;
        do {
            free = root.resolve(".removed-" + ++moved);
        } while (Files.exists(free, LinkOption.NOFOLLOW_LINKS));
        return Files.move(directory, free, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void open(Path directory) throws IOException {
        if (!Files.isReadable(directory) || !Files.isWritable(directory) || !Files.isExecutable(directory)) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
