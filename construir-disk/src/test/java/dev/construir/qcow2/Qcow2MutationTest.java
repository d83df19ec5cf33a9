package dev.construir.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Damages header, tables and compressed data of small images in thousands of ways. */
class Qcow2MutationTest {
    private static final int ROUNDS = 6000;
    private static final int DISK = 60_000;

    @Test
    void onlyIoExceptionsComeOut() {
        byte[] disk = new byte[DISK];
        new Random(7).nextBytes(disk);
        Arrays.fill(disk, 10_000, 30_000, (byte) 'x');
        Arrays.fill(disk, 30_000, 50_000, (byte) 0);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            mutate(new Qcow2Maker().clusterBits(9).make(disk), 1);
            mutate(new Qcow2Maker().clusterBits(12).compressed().make(disk), 2);
            mutate(new Qcow2Maker().version(2).clusterBits(10).compressed().make(disk), 3);
        });
    }

    private static void mutate(byte[] original, long seed) {
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < ROUNDS / 3; round++) {
            byte[] mutant = original.clone();
            for (int i = random.nextInt(6); i >= 0; i--) {
                mutant[position(random, original)] =
                        random.nextInt(3) == 0 ? (byte) -random.nextInt(2) : (byte) random.nextInt();
            }
            if (random.nextInt(10) == 0) {
                mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
            }
            try {
                Qcow2Image.check(new BytesSource(mutant));
                readSome(mutant, random);
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?s).{10,}");
                refused++;
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("seed " + seed + ", round " + round, e);
            }
        }
        assertThat(refused).isBetween(ROUNDS / 3 / 10, ROUNDS / 3 - 1);
    }

    /** Most changes go to what is not zero in the header and the tables. */
    private static int position(Random random, byte[] original) {
        int end = random.nextInt(4) == 0 ? original.length : Math.min(original.length, 3 << 12);
        int at = random.nextInt(end);
        for (int i = 0; i < 20 && original[at] == 0; i++) {
            at = random.nextInt(random.nextInt(3) == 0 ? 112 : end);
        }
        return at;
    }

    private static void readSome(byte[] mutant, Random random) throws IOException {
        try (BlockSource image = Qcow2Image.open(new BytesSource(mutant))) {
            assertThat(image.size()).isPositive();
            assertThat(image.read(0, (int) Math.min(image.size(), DISK))).isNotEmpty();
            for (int i = 0; i < 20; i++) {
                long from = (long) (random.nextDouble() * image.size());
                int length = (int) Math.min(image.size() - from, 3000);
                assertThat(image.read(from, length)).hasSize(length);
            }
        }
    }
}
