package dev.construir.bench;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A tree of files to measure with, all of one size, spread over directories.
 *
 * @param files how many files
 * @param directories in how many directories
 * @param bytes the size of each file
 */
record SampleTree(int files, int directories, long bytes) {
    private static final String FILE = "file";

    /** Returns the directories' names. */
    List<String> directoryNames() {
        return Stream.iterate(0, i -> i < directories, i -> i + 1)
                .map(SampleTree::directory)
                .toList();
    }

    private static String directory(int number) {
        return "directory" + number;
    }

    long totalBytes() {
        return files * bytes;
    }

    /** Makes it. */
    void make(Path root) throws IOException {
        Files.createDirectory(root);
        for (String name : directoryNames()) {
            Files.createDirectory(root.resolve(name));
        }
        for (int i = 0; i < files; i++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            Path file = root.resolve(directory(i % directories)).resolve(FILE + i);
            try (InputStream content = SampleContent.random(i, bytes);
                    OutputStream out = Files.newOutputStream(file)) {
                content.transferTo(out);
            }
        }
    }

    /** Fails if it is not there. */
    void checkIn(Path root) throws IOException {
        long count = 0;
        long total = 0;
        try (Stream<Path> all = Files.walk(root)) {
            for (Iterator<Path> each = all.iterator(); each.hasNext(); ) {
                Path path = each.next();
                if (Files.isRegularFile(path)) {
                    count++;
                    total += Files.size(path);
                }
            }
        }
        check(root, count, total);
    }

    /** Fails if it is not on a disk. */
    void checkOn(Path image) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            List<DiskEntry> entries = new ArrayList<>();
            for (String name : directoryNames()) {
                entries.addAll(disk.list("/" + name));
            }
            check(
                    image,
                    entries.size(),
                    entries.stream().mapToLong(DiskEntry::size).sum());
        }
    }

    /** Fails if a listing, of one line for each, does not name all files. */
    void checkListing(Path listing) throws IOException {
        try (Stream<String> lines = Files.lines(listing)) {
            checkCount(listing, lines.filter(line -> line.contains(" " + FILE)).count());
        }
    }

    /** Fails if some files are missing. */
    void checkCount(Path where, long count) throws IOException {
        if (count != files) {
            throw new IOException(where + " has " + count + " of " + files + " files");
        }
    }

    private void check(Path where, long count, long total) throws IOException {
        checkCount(where, count);
        if (total != totalBytes()) {
            throw new IOException(where + " has " + total + " of " + totalBytes() + " bytes in its files");
        }
    }
}
