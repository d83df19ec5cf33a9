package dev.construir.disk;

import dev.construir.ext.Superblock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;

/** A directory of the host, and how many inodes it takes. */
record TreeContent(Path directory, Predicate<Path> which, PackOptions options) implements DiskContent {
    @Override
    public void writeTo(DiskBuilder disk) throws IOException {
        disk.tree("/", directory, which, options);
    }

    @Override
    public long inodes() {
        return Math.max(options.inodes(), Superblock.FIRST_INODE + count());
    }

    /** Counts entries, several names of a file as several. What cannot be read is not counted: whoever writes it reports that. */
    private long count() {
        long count = 0;
        Deque<Path> directories = new ArrayDeque<>();
        directories.push(directory);
        while (!directories.isEmpty() && !Thread.currentThread().isInterrupted()) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directories.pop())) {
                for (Path entry : entries) {
                    if (which.test(entry)) {
                        count++;
                        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                            directories.push(entry);
                        }
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                return count; // see above
            }
        }
        return count;
    }
}
