package dev.construir.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.DataSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damages the metadata of a small disk in thousands of ways. A reader may refuse it, but must neither fail otherwise nor go on for long. */
class MutationTest {
    private static final int ROUNDS = 4000;
    private static final int EXTRACTIONS_EVERY = 10;
    private static final ReadLimits LIMITS = new ReadLimits(DataSize.ofMebibytes(2), 500, 20, 4096);

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
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> mutate(Files.readAllBytes(image)));
    }

    private void mutate(byte[] original) throws Exception {
        Random random = new Random(20_240_501);
        Path image = Files.write(dir.resolve("mutant.img"), original);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] mutant = original.clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                int at = position(random, original);
                mutant[at] = random.nextInt(3) == 0 ? (byte) -random.nextInt(2) : (byte) random.nextInt();
            }
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.write(mutant);
            }
            try (DiskReader disk = DiskReader.open(image, LIMITS)) {
                readAll(disk, "/", 0);
                disk.snapshot();
                if (round % EXTRACTIONS_EVERY == 0) {
                    disk.copyTo(dir.resolve("target"));
                }
            } catch (IOException e) {
                refused++;
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("round " + round, e);
            }
        }
        assertThat(refused).isBetween(ROUNDS / 10, ROUNDS - 1);
        try (var entries = Files.list(dir)) {
            assertThat(entries).hasSize(3);
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

    private static void readAll(DiskReader disk, String path, int depth) throws IOException {
        for (DiskEntry entry : disk.list(path)) {
            switch (entry.kind()) {
                case DIRECTORY -> {
                    if (depth < 5) {
                        readAll(disk, entry.path(), depth + 1);
                    }
                }
                case FILE -> {
                    try (InputStream in = disk.open(entry.path())) {
                        in.readNBytes(100_000);
                    } catch (java.nio.file.NoSuchFileException e) {
                        // The name was damaged into one that is shown like another's.
                    }
                }
                case SYMBOLIC_LINK -> disk.readLink(entry.path());
                case SPECIAL -> assertThat(entry.links()).isPositive();
            }
        }
    }
}
