package dev.construir.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.DiskFormatException;
import dev.construir.block.BytesSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Damages partition tables in thousands of ways, half of those with checksums so that the checksums are right. */
class PartitionMutationTest {
    private static final int ROUNDS = 20_000;
    private static final int SECTORS = 300;

    @Test
    void onlyFormatExceptionsComeOut() {
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            Random random = new Random(42);
            int refused = 0;
            for (int round = 0; round < ROUNDS; round++) {
                byte[] disk = mutant(random);
                try {
                    List<PartitionEntry> entries =
                            PartitionTable.read(new BytesSource(disk), part -> part.read(0, 1)[0] != 0);
                    assertThat(entries)
                            .allMatch(e -> e.start() >= 512 && e.size() > 0 && e.start() + e.size() <= disk.length);
                } catch (DiskFormatException e) {
                    refused++;
                } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
                    fail("round " + round, e);
                }
            }
            assertThat(refused).isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
        });
    }

    private static byte[] mutant(Random random) {
        int sector = random.nextBoolean() ? 512 : 4096;
        Partitioned disk = new Partitioned(SECTORS, sector);
        boolean gpt = random.nextBoolean();
        if (gpt) {
            disk.gpt(40, 99, 100, 200);
        } else {
            disk.mbr(0, 0, 0x83, 1, 9).mbr(0, 1, 0x05, 100, 150);
            disk.mbr(100, 0, 0x83, 1, 9)
                    .mbr(100, 1, 0x05, 50, 50)
                    .mbr(150, 0, 0x83, 1, 9)
                    .mbr(150, 1, 0x05, 80, 9);
            disk.mbr(180, 0, 0x83, 1, 9);
        }
        int end = (SECTORS - 1) * sector;
        int[] places = gpt
                ? new int[] {446, sector, sector + 8, sector + 72, 2 * sector, 2 * sector + 128, end, end + 72}
                : new int[] {
                    446, 462, 510 - 8, 100 * sector + 446, 100 * sector + 462, 150 * sector + 446, 180 * sector + 462
                };
        for (int i = random.nextInt(5); i >= 0; i--) {
            int at = places[random.nextInt(places.length)] + random.nextInt(20);
            disk.buffer().put(at, random.nextInt(3) == 0 ? (byte) -random.nextInt(2) : (byte) random.nextInt(200));
        }
        if (gpt && random.nextBoolean()) {
            disk.sign(1).sign(SECTORS - 1);
        }
        return disk.bytes();
    }
}
