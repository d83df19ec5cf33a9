package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose stdout is a pipe that nobody reads to its end. */
@Timeout(120)
class ReaderGoneIT {
    @TempDir
    Path directory;

    private Path image = Path.of("");

    @BeforeEach
    void makeDisk() throws Exception {
        image = directory.resolve("disk.img");
        byte[] big = new byte[20 << 20];
        new Random(1).nextBytes(big);
        Attributes plain = Attributes.ofRoot(0644, Instant.EPOCH);
        JobDisk.create(image, DiskOptions.of(DataSize.ofMebibytes(64)), disk -> {
            disk.file("big", plain, big.length, new ByteArrayInputStream(big));
            for (int i = 0; i < 5000; i++) {
                disk.file("directory/some-quite-long-name-" + i, plain, 0, InputStream.nullInputStream());
            }
        });
    }

    /** Runs a command, reads a little of its output, and goes away. */
    private void assertEndsSilently(String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Dslf4j.internal.verbosity=ERROR",
                "-cp"));
        words.add(System.getProperty("java.class.path"));
        words.add(Main.class.getName());
        words.addAll(List.of(arguments));
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(words).redirectError(err.toFile()).start();
        try (InputStream out = process.getInputStream()) {
            assertThat(out.readNBytes(10)).hasSize(10);
        }
        assertThat(process.waitFor()).as(Files.readString(err)).isZero();
        assertThat(Files.readString(err, StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void cat() throws Exception {
        assertEndsSilently("cat", image.toString(), "/big");
    }

    @Test
    void list() throws Exception {
        assertEndsSilently("ls", "-R", image.toString());
    }

    @Test
    void help() throws Exception {
        assertEndsSilently("help", "run");
    }
}
