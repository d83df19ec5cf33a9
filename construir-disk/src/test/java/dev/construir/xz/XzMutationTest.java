package dev.construir.xz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Damages small files in thousands of ways, half of which have checksums that fit again. */
class XzMutationTest {
    private static final int ROUNDS = 1500;
    private static final int DISK = 40_000;

    @Test
    void nothingButWhatWasWrittenOrAnIoExceptionComesOut() {
        byte[] disk = XzFiles.disk(DISK);
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            mutate(disk, XzFiles.written(disk, 10_000), 1);
            mutate(disk, XzFiles.stream(disk, 10_000, Check.SHA256), 2);
            byte[] half = Arrays.copyOf(disk, DISK / 2);
            mutate(
                    disk,
                    XzFiles.joined(
                            XzFiles.written(half, 4096),
                            new byte[4],
                            XzFiles.stream(Arrays.copyOfRange(disk, DISK / 2, DISK), 9000, Check.CRC64)),
                    3);
        });
    }

    private static void mutate(byte[] disk, byte[] original, long seed) {
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < ROUNDS / 3; round++) {
            byte[] mutant = original.clone();
            int last = random.nextBoolean() ? mutant.length : Math.min(mutant.length, 100);
            for (int i = random.nextInt(4); i >= 0; i--) {
                int from = random.nextInt(last);
                mutant[random.nextBoolean() ? from : mutant.length - 1 - from] =
                        random.nextInt(3) == 0 ? (byte) -random.nextInt(2) : (byte) random.nextInt();
            }
            if (random.nextInt(10) == 0) {
                mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length) & -random.nextInt(5));
            }
            if (random.nextBoolean()) {
                fitChecksums(mutant);
            }
            try (BlockSource read = XzSource.open(new BytesSource(mutant), XzFiles.SMALL)) {
                int size = (int) Math.min(read.size(), DISK);
                assertThat(read.read(0, size)).isEqualTo(Arrays.copyOf(disk, size));
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?s).{10,}");
                refused++;
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("seed " + seed + ", round " + round, e);
            }
        }
        assertThat(refused).isBetween(ROUNDS / 3 / 2, ROUNDS / 3 - 1);
    }

    /** Those of header, first block header, index and footer: as far as they can be found. */
    private static void fitChecksums(byte[] file) {
        ByteBuffer words = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length < 5 * StreamFrame.SIZE) {
            return;
        }
        words.putInt(8, StreamFrame.crc(file, 6, 2));
        int blockHeader = 4 * (file[StreamFrame.SIZE] & 0xff);
        if (blockHeader > 0 && StreamFrame.SIZE + blockHeader + 4 <= file.length) {
            words.putInt(StreamFrame.SIZE + blockHeader, StreamFrame.crc(file, StreamFrame.SIZE, blockHeader));
        }
        int footer = file.length - StreamFrame.SIZE;
        words.putInt(footer, StreamFrame.crc(file, footer + 4, 6));
        long index = footer - (Integer.toUnsignedLong(words.getInt(footer + 4)) + 1) * 4;
        if (index > 0) {
            words.putInt(footer - 4, StreamFrame.crc(file, (int) index, (int) (footer - 4 - index)));
        }
    }
}
