package dev.construir.bench;

import dev.construir.terminal.Formats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files of this host to measure with: documents and programs, half of each as far as there are; on the same host always
 * the same.
 */
final class HostFiles implements AutoCloseable {
    private static final List<Path> PLACES = List.of(Path.of("/usr/share"), Path.of("/usr/lib"));
    private static final long SMALLEST = 16 << 10; // or a disk has too few inodes
    private static final long LARGEST = 16 << 20;
    private static final long SLACK = 64 << 10; // a disk of a small scale has no room for much more

    private final List<Stream<Path>> walks = new ArrayList<>();
    private final List<Iterator<Path>> files = new ArrayList<>();

    @SuppressWarnings("StreamResourceLeak") // closed with this
    HostFiles() throws IOException {
        for (Path place : PLACES) {
            Stream<Path> walk = Files.walk(place);
            walks.add(walk);
            files.add(walk.filter(HostFiles::isPlain).iterator());
        }
    }

    private static boolean isPlain(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(file);
    }

    /**
     * Takes the next files.
     *
     * @param bytes how many bytes they have in all, or a little more
     * @throws IOException if there are not so many
     */
    List<Path> take(long bytes) throws IOException {
        List<Path> taken = new ArrayList<>();
        long total = 0;
        try {
            for (int place = 0; place < PLACES.size(); place++) {
                long wanted = bytes * (place + 1) / PLACES.size();
                while (total < wanted && files.get(place).hasNext()) {
                    Path file = files.get(place).next();
                    long size = Files.size(file);
                    if (size >= SMALLEST && size <= LARGEST && total + size <= wanted + SLACK) {
                        taken.add(file);
                        total += size;
                    }
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (total < bytes) {
            throw new IOException("this host has only " + Formats.bytes(total) + " in files below " + PLACES
                    + " to measure with; choose a smaller --scale");
        }
        return taken;
    }

    @Override
    public void close() {
        walks.forEach(Stream::close);
    }
}
