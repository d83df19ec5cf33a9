package dev.construir.examples.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Files of this host to measure with: programs, libraries, documents, in the order of their names, half of them documents, as far as there are. */
final class HostFiles {
    private static final List<Path> PLACES = List.of(Path.of("/usr/share"), Path.of("/usr/lib"));
    private static final long SMALLEST = 16 << 10; // or a disk has too few inodes
    private static final long LARGEST = 16 << 20;

    private final List<List<Path>> files = new ArrayList<>();
    private final int[] taken = new int[PLACES.size()];

    HostFiles() throws IOException {
        for (Path place : PLACES) {
            try (Stream<Path> all = Files.walk(place)) {
                files.add(all.filter(HostFiles::isPlain).sorted().toList());
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
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
        List<Path> all = new ArrayList<>();
        long total = 0;
        for (int place = 0; place < PLACES.size(); place++) {
            long wanted = bytes * (place + 1) / PLACES.size();
            List<Path> there = files.get(place);
            while (total < wanted && taken[place] < there.size()) {
                Path file = there.get(taken[place]++);
                long size = Files.size(file);
                if (size >= SMALLEST && size <= LARGEST) {
                    all.add(file);
                    total += size;
                }
            }
        }
        if (total < bytes) {
            throw new IOException("this host has only " + Texts.bytes(total) + " in files below " + PLACES
                    + " to measure with; choose a smaller --scale");
        }
        return all;
    }
}
