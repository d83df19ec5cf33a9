package dev.construir.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.construir.DataSize;
import dev.construir.disk.DiskEntry;
import dev.construir.disk.DiskImage;
import dev.construir.disk.DiskReader;
import dev.construir.disk.ReadLimits;
import dev.construir.machine.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Reads whatever bytes as a disk. They may be refused by an {@link IOException}; anything else that is thrown is a fault, and so is a run
 * that takes too long or too much memory.
 *
 * <p>In a build each runs on its seeds and on what was found before (in {@code src/test/resources}). {@code construir-fuzz/fuzz NAME} goes on
 * from there.
 */
class DiskFuzzIT {
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(4), 400, 16, 1000);
    private static final int MOST_READ = 1 << 20;

    private static Path directory;

    @BeforeAll
    static void prepare() throws IOException {
        directory = Files.createTempDirectory("fuzz");
    }

    @AfterAll
    static void nothingIsLeft() throws IOException {
        Files.delete(directory); // fails if a run left something
    }

    @MethodSource("dev.construir.fuzz.Seeds#fileSystems")
    @FuzzTest(maxDuration = "10m")
    void fileSystem(byte[] bytes) throws IOException {
        run(bytes, "disk.img", file -> {
            try (DiskReader disk = DiskReader.open(file, LIMITS)) {
                readAll(disk);
            }
        });
    }

    @MethodSource("dev.construir.fuzz.Seeds#partitioned")
    @FuzzTest(maxDuration = "10m")
    void partitions(byte[] bytes) throws IOException {
        run(bytes, "disk.img", file -> readAll(new DiskImage(file, Disk.Format.RAW)));
    }

    @MethodSource("dev.construir.fuzz.Seeds#qcow2")
    @FuzzTest(maxDuration = "10m")
    void qcow2(byte[] bytes) throws IOException {
        run(bytes, "disk.qcow2", file -> readAll(new DiskImage(file, Disk.Format.QCOW2)));
    }

    /** What is done with a file of these bytes. */
    @FunctionalInterface
    private interface Reading {
        void of(Path file) throws IOException;
    }

    private static void run(byte[] bytes, String name, Reading reading) throws IOException {
        Path file = Files.write(directory.resolve(name), bytes);
        try {
            reading.of(file);
        } catch (IOException e) {
            assertThat(e.getMessage()).as("what the refusal says").isNotBlank();
        } finally {
            Files.delete(file);
        }
    }

    private static void readAll(DiskImage image) throws IOException {
        image.partitions();
        try (DiskReader disk = image.files()) {
            readAll(disk);
        }
    }

    private static void readAll(DiskReader disk) throws IOException {
        try {
            disk.snapshot();
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        readDirectory(disk, "/", 0);
    }

    private static void readDirectory(DiskReader disk, String path, int depth) throws IOException {
        List<DiskEntry> entries = disk.list(path);
        for (DiskEntry entry : entries) {
            try {
                switch (entry.kind()) {
                    case DIRECTORY -> {
                        if (depth < 3) {
                            readDirectory(disk, entry.path(), depth + 1);
                        }
                    }
                    case FILE -> readFile(disk, entry.path());
                    case SYMBOLIC_LINK -> disk.readLink(entry.path());
                    case SPECIAL -> assertThat(entry.attributes().mode()).isBetween(0, 07777);
                }
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private static void readFile(DiskReader disk, String path) throws IOException {
        byte[] buffer = new byte[1 << 16];
        try (InputStream file = disk.open(path)) {
            long left = MOST_READ;
            for (int n = file.read(buffer); n > 0 && left > 0; n = file.read(buffer)) {
                left -= n;
            }
        }
    }
}
