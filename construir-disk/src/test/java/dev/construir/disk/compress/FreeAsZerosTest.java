package dev.construir.disk.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import dev.construir.disk.write.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeAsZerosTest {
    private static final int FIRST_FREE = 200_000;
    private static final int OLD = 7;

    @TempDir
    Path dir;

    /** Blocks that are free, and hold something old. */
    private byte[] disk() throws Exception {
        Path image = Images.create(
                dir.resolve("disk.img"), "256K", disk -> Images.file(disk, "file", Images.bytes(1, 20_000)));
        byte[] bytes = Files.readAllBytes(image);
        Arrays.fill(bytes, FIRST_FREE, bytes.length, (byte) OLD);
        return bytes;
    }

    private static byte[] read(byte[] bytes) throws Exception {
        byte[] read = new byte[bytes.length];
        try (BlockSource disk = FreeAsZeros.on(new BytesSource(bytes))) {
            assertThat(disk.size()).isEqualTo(bytes.length);
            disk.read(0, read, 0, read.length);
            assertThat(disk.isZero(0, read.length)).isFalse();
            int data = disk.dataLength(0, read.length);
            assertThat(Arrays.mismatch(read, data, read.length, new byte[read.length], 0, read.length - data))
                    .isEqualTo(-1);
        }
        return read;
    }

    @Test
    void whatIsFreeIsZeros() throws Exception {
        byte[] disk = disk();
        byte[] read = read(disk);

        assertThat(Arrays.mismatch(disk, read)).isEqualTo(FIRST_FREE);
        assertThat(Arrays.copyOfRange(read, FIRST_FREE, read.length)).containsOnly(0);
        try (BlockSource source = FreeAsZeros.on(new BytesSource(disk))) {
            assertThat(source.dataLength(0, disk.length)).isLessThanOrEqualTo(FIRST_FREE);
            assertThat(source.dataLength(FIRST_FREE, disk.length - FIRST_FREE)).isZero();
        }
    }

    @Test
    void whatIsBehindTheFileSystemIsNotFree() throws Exception {
        byte[] disk = disk();
        byte[] longer = Arrays.copyOf(disk, disk.length + 5000);
        Arrays.fill(longer, disk.length, longer.length, (byte) OLD);
        byte[] read = read(longer);

        assertThat(Arrays.copyOfRange(read, FIRST_FREE, disk.length)).containsOnly(0);
        assertThat(Arrays.copyOfRange(read, disk.length, read.length)).containsOnly(OLD);
    }

    @Test
    void whatIsNoFileSystemIsReadAsItIs() throws Exception {
        for (int size : new int[] {1, 2047, 2048, 100_000}) {
            byte[] noise = Images.bytes(size, size);
            assertThat(read(noise)).isEqualTo(noise);
        }
    }

    /** Whatever a superblock, descriptors or bitmaps say: bytes are what they were, or zeros. */
    @Test
    void damageCostsNothingButWhatItCallsFree() throws Exception {
        byte[] sound = disk();
        Random random = new Random(1);
        int believed = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] mutant = sound.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                mutant[1024 + random.nextInt(i % 2 == 0 ? 0x180 : 5 * 1024)] = (byte) random.nextInt();
            }
            byte[] read = read(mutant);
            believed += Arrays.equals(read, mutant) ? 0 : 1;
            int at = 0;
            while (at < read.length && (read[at] == 0 || read[at] == mutant[at])) {
                at++;
            }
            assertThat(at).isEqualTo(read.length);
        }
        assertThat(believed).isBetween(100, 900);
    }
}
