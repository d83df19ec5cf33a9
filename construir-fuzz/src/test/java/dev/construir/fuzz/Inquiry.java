package dev.construir.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.DiskEntry;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.util.List;

/** Asks a reader all that it can be asked. What it refuses by an {@link IOException} with a message is left at that. */
final class Inquiry {
    private static final int MOST_READ = 1 << 20;
    private static final int DEPTH = 3;

    /** Possible, but hardly on a disk. */
    private static final List<String> ODD = List.of(
            "",
            "//",
            "/d0//",
            "/d0/file3/below",
            "/short/file1",
            "/again/",
            "/...",
            "/ü€\uFFFD",
            "/" + "n".repeat(255),
            "/d1".repeat(200),
            "/d1".repeat(500),
            "/links/in/file1",
            "/links/loop",
            "/deep" + "/d".repeat(16) + "/f");

    /** Paths that only a program in the guest may use: they are followed, and name no entry. */
    private static final List<String> UPWARDS = List.of(
            "..",
            "/../..",
            "/d0/../d0/./file3",
            "/short/file1/..",
            "/links/in/..",
            "/links/loop/../in/file1",
            "/d1/..".repeat(200),
            "/deep" + "/d".repeat(16) + "/..".repeat(20) + "/again");

    /** Something that may be refused. */
    @FunctionalInterface
    interface Question {
        void ask() throws IOException;
    }

    private Inquiry() {}

    static void of(DiskImage image) throws IOException {
        image.partitions();
        try (DiskReader disk = image.files()) {
            of(disk);
        }
    }

    static void of(DiskReader disk) throws IOException {
        assertThat(disk.info().toString()).isNotBlank();
        ask(disk::snapshot);
        ask(() -> disk.walk("/", entry -> FileVisitResult.CONTINUE));
        for (String path : ODD) {
            ask(() -> disk.find(path));
            ask(() -> disk.follow(path));
        }
        for (String path : UPWARDS) {
            ask(() -> disk.follow(path));
        }
        ask(() -> disk.extendedAttributes("/"));
        directory(disk, "/", 0);
    }

    static void ask(Question question) {
        try {
            question.ask();
        } catch (IOException e) {
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
        }
    }

    private static void directory(DiskReader disk, String path, int depth) throws IOException {
        for (DiskEntry entry : disk.list(path)) {
            ask(() -> disk.extendedAttributes(entry.path()));
            ask(() -> entry(disk, entry, depth));
            ask(() -> assertThat(disk.follow(entry.path()).kind()).isNotEqualTo(DiskEntry.Kind.SYMBOLIC_LINK));
        }
    }

    private static void entry(DiskReader disk, DiskEntry entry, int depth) throws IOException {
        switch (entry.kind()) {
            case DIRECTORY -> {
                if (depth < DEPTH) {
                    directory(disk, entry.path(), depth + 1);
                }
            }
            case FILE -> file(disk, entry.path());
            case SYMBOLIC_LINK -> disk.readLink(entry.path());
            default -> assertThat(entry.attributes().mode()).isBetween(0, 07777);
        }
    }

    private static void file(DiskReader disk, String path) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream file = disk.open(path)) {
            long left = MOST_READ;
            for (int n = file.read(buffer); n > 0 && left > 0; n = file.read(buffer)) {
                left -= n;
            }
        }
    }
}
