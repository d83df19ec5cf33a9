package dev.construir.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qcow2ImageTest {
    private static final int CLUSTER = 512;
    private static final int SECOND_TABLES = 2 * CLUSTER; // behind the header and one cluster of first-level table

    /** Noise, zeros, letters that compress, and an end in the middle of a cluster. */
    private static byte[] disk(int size) {
        byte[] disk = new byte[size];
        Random random = new Random(1);
        for (int at = 0; at < size; at += 700) {
            byte[] piece = new byte[Math.min(700, size - at)];
            switch (random.nextInt(4)) {
                case 0 -> random.nextBytes(piece);
                case 1 -> Arrays.fill(piece, (byte) ('a' + random.nextInt(20)));
                default -> {}
            }
            System.arraycopy(piece, 0, disk, at, piece.length);
        }
        return disk;
    }

    private static byte[] image() {
        return new Qcow2Maker().clusterBits(9).make(disk(100_000));
    }

    private static BlockSource open(byte[] image) throws IOException {
        return Qcow2Image.open(new BytesSource(image));
    }

    @ParameterizedTest
    @CsvSource({"2,9,false", "3,9,false", "2,12,true", "3,9,true", "3,16,true", "3,21,true", "3,21,false"})
    void readsWhatWasWritten(int version, int clusterBits, boolean compressed) throws Exception {
        byte[] disk = disk(2_200_100);
        Qcow2Maker maker = new Qcow2Maker().version(version).clusterBits(clusterBits);
        byte[] image = (compressed ? maker.compressed() : maker).make(disk);
        Qcow2Image.check(new BytesSource(image));
        try (BlockSource read = open(image)) {
            assertThat(read.size()).isEqualTo(disk.length);
            assertThat(read.read(0, disk.length)).isEqualTo(disk);
            Random random = new Random(2);
            for (int i = 0; i < 500; i++) {
                int from = random.nextInt(disk.length);
                int length = random.nextInt(Math.min(disk.length - from, 20_000));
                assertThat(read.read(from, length)).isEqualTo(Arrays.copyOfRange(disk, from, from + length));
            }
            assertThatThrownBy(() -> read.read(disk.length, 1)).isInstanceOf(DiskFormatException.class);
            assertThatThrownBy(() -> read.read(-1, 1)).isInstanceOf(DiskFormatException.class);
            assertThatThrownBy(() -> read.read(Long.MAX_VALUE, 1)).isInstanceOf(DiskFormatException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,   0x0000000000000000, does not start like one; if it is a raw image",
        "0,   0x514649fb00000001, it has version 1; make",
        "0,   0x514649fb00000004, it has version 4",
        "8,   0x0000000000001000, it builds on a backing file",
        "16,  0x0000000000000008, clusters have 2^8 bytes",
        "16,  0x0000000000000016, clusters have 2^22 bytes",
        "16,  0x00000000ffffffff, clusters have 2^4294967295 bytes",
        "24,  0x0000000000000000, no size",
        "24,  0x8000000000000000, no size",
        "24,  0x7fffffffffffffff, entries",
        "32,  0x0000000200000004, it is encrypted",
        "32,  0x0000000000000003, '3 entries; 4 to 4194304'",
        "32,  0x00000000ffffffff, '4294967295 entries; 4 to 4194304'",
        "40,  0x0000000000000000, where no cluster begins",
        "40,  0x0000000000000201, where no cluster begins",
        "40,  0x0000000001000000, was not copied whole",
        "40,  0x7ffffffffffffe00, was not copied whole",
        "40,  0xfffffffffffffe00, where no cluster begins",
        "72,  0x0000000000000002, marked as corrupt",
        "72,  0x0000000000000004, its data is in another file",
        "72,  0x0000000000000008, 'compressed in a way unknown here, 0'",
        "72,  0x0000000000000010, clusters have 2^9 bytes; 2^14",
        "72,  0x0000010000000000, 'unknown here, 0x10000000000'"
    })
    void refusesHeaders(int at, String value, String why) {
        byte[] image = image();
        ByteBuffer.wrap(image).putLong(at, Long.parseUnsignedLong(value.substring(2), 16));
        assertThatThrownBy(() -> open(image))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageStartingWith("no usable qcow2 image: ")
                .hasMessageContaining(why);
        assertThatThrownBy(() -> Qcow2Image.check(new BytesSource(image))).isInstanceOf(DiskFormatException.class);
    }

    @Test
    void refusesWhatIsCutOffAnywhere() throws Exception {
        byte[] image = image();
        for (int length = 0; length < 200; length++) {
            assertCutOff(Arrays.copyOf(image, length));
        }
        for (int length = 1000; length < image.length - 512; length += 999) {
            assertCutOff(Arrays.copyOf(image, length));
        }
    }

    private static void assertCutOff(byte[] image) {
        assertThatThrownBy(() -> Qcow2Image.check(new BytesSource(image)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageMatching(".*(was not copied whole|does not start like one).*");
    }

    @ParameterizedTest
    @CsvSource({
        "0x0000000000000001, true", // reads as zeros
        "0x8000000000000401, true", // with room reserved
        "0x0000000000000002, false", // reserved bits
        "0x0100000000000400, false",
        "0x8000000000000000, false", // at byte 0: only for other files
        "0x00fffffffffffe00, false", // behind the end
        "0x0000000000fffe00, false",
        "0xc000000000000400, false", // compressed, and to be written in place
        "0x4000000000000400, false", // no compressed data there
        "0x5fffffffffffffff, false",
        "0x7fffffffffffffff, false"
    })
    void refusesEntriesOfSecondLevelTables(String value, boolean good) throws Exception {
        byte[] image = image();
        ByteBuffer.wrap(image).putLong(SECOND_TABLES, Long.parseUnsignedLong(value.substring(2), 16));
        try (BlockSource read = open(image)) {
            if (good) {
                assertThat(read.read(0, 100)).isEqualTo(new byte[100]);
            } else {
                assertThatThrownBy(() -> read.read(0, 100)).isInstanceOf(DiskFormatException.class);
            }
            assertThat(read.read(99_000, 1000)).isEqualTo(Arrays.copyOfRange(disk(100_000), 99_000, 100_000));
        }
    }

    @Test
    void theZeroFlagIsUnknownToVersion2() throws Exception {
        byte[] image = new Qcow2Maker().version(2).clusterBits(9).make(disk(100_000));
        ByteBuffer.wrap(image).putLong(SECOND_TABLES, 1);
        assertThatThrownBy(() -> open(image).read(0, 100))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("entry of cluster 0")
                .hasMessageContaining("0x1");
    }

    @ParameterizedTest
    @CsvSource({
        "0x8000000000000401, damaged at byte 512",
        "0x8100000000000400, damaged",
        "0x0000000000fffe00, ends before its second-level table at byte 16776704",
        "0x00fffffffffffe00, ends before its second-level table"
    })
    void refusesEntriesOfTheFirstLevelTable(String value, String why) throws Exception {
        byte[] image = image();
        ByteBuffer.wrap(image).putLong(CLUSTER, Long.parseUnsignedLong(value.substring(2), 16));
        assertThatThrownBy(() -> open(image).read(0, 100))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining(why);
        assertThatThrownBy(() -> Qcow2Image.check(new BytesSource(image)))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aMissingSecondLevelTableIsZeros() throws Exception {
        byte[] image = image();
        ByteBuffer.wrap(image).putLong(CLUSTER, 0);
        assertThat(open(image).read(0, 32_768)).isEqualTo(new byte[32_768]);
    }

    @Test
    void aTableThatNamesItselfIsDataLikeAny() throws Exception {
        byte[] image = image();
        ByteBuffer.wrap(image)
                .putLong(CLUSTER, 1L << 63 | CLUSTER); // both levels and the first cluster of the disk in one
        assertThat(open(image).read(0, CLUSTER)).isEqualTo(Arrays.copyOfRange(image, CLUSTER, 2 * CLUSTER));
    }

    @Test
    void aHugeDiskTakesNoMemory() throws Exception {
        byte[] image = Arrays.copyOf(new Qcow2Maker().clusterBits(21).make(new byte[1]), 40 << 20);
        ByteBuffer.wrap(image).putLong(24, 1L << 60).putInt(36, 32 << 17);
        image[2 << 20] = 0; // the one table that there was
        ByteBuffer.wrap(image).putLong(2 << 20, 0);
        Qcow2Image.check(new BytesSource(image));
        try (BlockSource read = open(image)) {
            assertThat(read.size()).isEqualTo(1L << 60);
            assertThat(read.read((1L << 60) - 1000, 1000)).isEqualTo(new byte[1000]);
        }
    }

    @Test
    void zstandardIsRefusedByName() throws Exception {
        byte[] image =
                Arrays.copyOf(new Qcow2Maker().clusterBits(9).compressed().make(new byte[] {1}), 4096);
        ByteBuffer.wrap(image).putLong(72, 8).putInt(100, 112).put(104, (byte) 1);
        Qcow2Image.check(new BytesSource(image)); // machines can have it
        assertThatThrownBy(() -> open(image).read(0, 1))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("zstd")
                .hasMessageContaining("qemu-img convert");
    }

    @Test
    void damagedCompressionIsRefused() throws Exception {
        byte[] image = new Qcow2Maker().clusterBits(9).compressed().make(new byte[] {1, 2, 3});
        Arrays.fill(image, 3 * CLUSTER, image.length, (byte) 0xff);
        assertThatThrownBy(() -> open(image).read(0, 1))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("compressed cluster 0")
                .hasMessageContaining("at byte 1536");
    }

    @Test
    void extendedEntriesAreRefusedOnlyForReading() throws Exception {
        byte[] image = new Qcow2Maker().clusterBits(14).make(new byte[100]);
        ByteBuffer.wrap(image).putLong(72, 16);
        Qcow2Image.check(new BytesSource(image));
        assertThatThrownBy(() -> open(image))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("extended L2 entries");
    }

    @Test
    void aDirtyImageIsRead() throws Exception {
        byte[] image = image();
        ByteBuffer.wrap(image).putLong(72, 1);
        assertThat(open(image).read(0, 100)).isEqualTo(Arrays.copyOf(disk(100_000), 100));
    }
}
