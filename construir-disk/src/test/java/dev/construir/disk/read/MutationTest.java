package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.write.Images;
import dev.construir.disk.write.JobDiskTest;
import dev.construir.testing.Mutants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages the metadata of a small disk in thousands of ways. A reader may refuse it, but must neither fail otherwise
 * nor go on for long.
 */
class MutationTest {
    private static final int ROUNDS = 4000;

    @TempDir
    Path dir;

    @Test
    void onlyIoExceptionsComeOut() throws Exception {
        Path image = Images.create(dir.resolve("disk.img"), "256K", disk -> {
            for (int i = 0; i < 30; i++) {
                Images.file(disk, "d" + i % 3 + "/e/file" + i, Images.bytes(i, i * 250));
            }
            disk.symbolicLink("link", Images.mode(0777), "d1/e");
            disk.symbolicLink("long", Images.mode(0777), "y".repeat(300));
            disk.file("sparse", Images.mode(0644), 70_000_000, JobDiskTest.zerosThen(69_999_999, new byte[] {1}));
        });
        byte[] original = Files.readAllBytes(image);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            Mutants mutants = new Mutants(image, random -> position(random, original), dir.resolve("target"));
            assertThat(mutants.refused(new Random(20_240_501), ROUNDS)).isBetween(ROUNDS / 10, ROUNDS - 1);
        });
        try (var entries = Files.list(dir)) {
            assertThat(entries).hasSize(2);
        }
    }

    /** Most changes go to what holds metadata: zeros are rarely worth changing. */
    private static int position(Random random, byte[] original) {
        int end = random.nextInt(4) == 0 ? original.length : 28 << 10;
        int at = 1024 + random.nextInt(end - 1024);
        for (int i = 0; i < 20 && original[at] == 0; i++) {
            at = 1024 + random.nextInt(end - 1024);
        }
        return at;
    }
}
