package dev.construir.xz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.NotSeekableException;
import dev.construir.block.BlockSource;
import dev.construir.block.BytesSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.XZInputStream;

class XzSourceTest {
    private static final int SIZE = 700_001;
    private static final byte[] DISK = XzFiles.disk(SIZE);

    private static XzSource open(byte[] file) throws IOException {
        return XzSource.open(new BytesSource(file), XzFiles.SMALL);
    }

    private static void assertIs(byte[] file, byte[] disk) throws IOException {
        try (BlockSource read = open(file)) {
            assertThat(read.size()).isEqualTo(disk.length);
            assertThat(read.read(0, disk.length)).isEqualTo(disk);
            Random random = new Random(2);
            for (int i = 0; i < 20; i++) {
                int from = random.nextInt(disk.length);
                int length = random.nextInt(Math.min(disk.length - from, 100_000));
                assertThat(read.read(from, length)).isEqualTo(Arrays.copyOfRange(disk, from, from + length));
            }
            assertThatThrownBy(() -> read.read(disk.length - 3L, 4)).isInstanceOf(DiskFormatException.class);
            assertThatThrownBy(() -> read.read(-1, 4)).isInstanceOf(DiskFormatException.class);
        }
    }

    private static void assertRefused(byte[] file, String why) {
        assertThatThrownBy(() -> {
                    try (BlockSource read = open(file)) {
                        read.read(0, (int) Math.min(SIZE, read.size()));
                    }
                })
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @EnumSource
    void readsEveryKindOfCheck(Check check) throws Exception {
        assertIs(XzFiles.stream(DISK, 100_000, check), DISK);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 65_536, 70_000, 131_072, SIZE - 1, SIZE})
    void readsWhatIsWritten(int blockSize) throws Exception {
        byte[] disk = Arrays.copyOf(DISK, Math.min(SIZE, 400_000));
        int size = Math.min(blockSize, 400_000);
        byte[] file = XzFiles.written(disk, size);
        assertIs(file, disk);
        try (XZInputStream in = new XZInputStream(new ByteArrayInputStream(file))) {
            assertThat(in.readAllBytes()).isEqualTo(disk);
        }
    }

    @Test
    void readsStreamsOneAfterTheOther() throws Exception {
        byte[] first = Arrays.copyOf(DISK, 300_000);
        byte[] second = Arrays.copyOfRange(DISK, 300_000, SIZE);
        byte[] empty = XzFiles.stream(new byte[0], 1, Check.NONE);
        assertIs(
                XzFiles.joined(
                        empty,
                        empty,
                        XzFiles.stream(first, 100_000, Check.CRC64),
                        new byte[8],
                        empty,
                        XzFiles.written(second, 65_536),
                        empty,
                        new byte[200_000]),
                DISK);
        try (BlockSource nothing = open(XzFiles.joined(empty, new byte[4], empty))) {
            assertThat(nothing.size()).isZero();
        }
    }

    @Test
    void emptyBlocksAreNoObstacle() throws Exception {
        byte[] empty = new BlockEncoder(1, 4096).encode(new byte[0], 0, 0).bytes();
        PackedBlock full = new BlockEncoder(1, SIZE).encode(DISK, 400_000, 400_000);
        long packed = new BlockEncoder(1, 4096).encode(new byte[0], 0, 0).packed();
        byte[] file = XzFiles.claiming(
                XzFiles.joined(empty, empty, full.bytes(), empty),
                Check.CRC64,
                packed,
                0,
                packed,
                0,
                full.packed(),
                full.size(),
                packed,
                0);
        assertIs(file, Arrays.copyOf(DISK, 400_000));
    }

    @Test
    void whatIsReadInAllDirectionsIsNotUnpackedForEver() throws Exception {
        byte[] disk = Arrays.copyOf(DISK, 800_000);
        try (XzSource source = XzSource.open(
                new BytesSource(XzFiles.stream(disk, 400_000, Check.CRC32)), XzFiles.SMALL)) { // room for one block
            byte[] one = new byte[1];
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10_000; i++) {
                            source.read(i * 270_001L % 800_000, one, 0, 1);
                        }
                    })
                    .isInstanceOf(NotSeekableException.class)
                    .hasMessageContainingAll(
                            "so scattered that", "bytes were unpacked", "of a disk of 800000", "xz -dk");
            assertThat(source.unpacked().bytes()).isBetween(64 * 800_000L, 65 * 800_000L + (1 << 20));
        }
    }

    @Test
    void aBlockIsUnpackedOnceAsLongAsItIsKept() throws Exception {
        try (XzSource read = open(XzFiles.written(DISK, 1 << 17))) {
            for (int round = 0; round < 3; round++) {
                for (int at = 0; at < 3 << 17; at += 999) {
                    read.read(at, 10);
                }
            }
            assertThat(read.unpacked()).isEqualTo(DataSize.ofBytes(3 << 17));
            read.read(4 << 17, 10); // all that is kept is as large as four blocks
            read.read((5 << 17) - 10, 20);
            read.read((5 << 17) - 10, 20);
            assertThat(read.unpacked()).isEqualTo(sizeOf(4, SIZE - (5 << 17)));
            read.read(0, 10);
            assertThat(read.unpacked()).isEqualTo(sizeOf(5, SIZE - (5 << 17)));
        }
    }

    private static DataSize sizeOf(int blocks, int more) {
        return DataSize.ofBytes((long) blocks * (1 << 17) + more);
    }

    @Test
    void manyMayReadAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (BlockSource read = open(XzFiles.written(DISK, 1 << 16))) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Random random = new Random(i);
                readers.add(threads.submit(() -> {
                    for (int round = 0; round < 100; round++) {
                        int from = random.nextInt(SIZE - 1000);
                        assertThat(read.read(from, 1000)).isEqualTo(Arrays.copyOfRange(DISK, from, from + 1000));
                    }
                    return null;
                }));
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void blocksThatAreTooLargeMustBeUnpackedFirst() throws Exception {
        byte[] file = XzFiles.written(DISK, SIZE);
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(NotSeekableException.class)
                .hasMessageContaining("a block of 700001 bytes")
                .hasMessageContaining("512K is the most")
                .hasMessageContaining("xz -dk");
        XzLimits dictionary = new XzLimits(
                DataSize.ofKibibytes(64), DataSize.ofKibibytes(900), DataSize.ofMebibytes(1), DataSize.ofMebibytes(1));
        assertThatThrownBy(() -> XzSource.open(new BytesSource(file), dictionary))
                .isInstanceOf(NotSeekableException.class)
                .hasMessageContaining("the block at byte 12 of an .xz file takes 1128 KiB of memory to decode");
    }

    @Test
    void listsThatAreTooLongMustBeUnpackedFirst() throws Exception {
        byte[] empty = XzFiles.stream(new byte[0], 1, Check.NONE);
        byte[][] many = new byte[513][];
        Arrays.fill(many, empty);
        assertThatThrownBy(() -> open(XzFiles.joined(many)))
                .isInstanceOf(NotSeekableException.class)
                .hasMessageContaining("more than 512 streams");
        long[] sizes = new long[2 * 4096];
        Arrays.fill(sizes, 8);
        assertThatThrownBy(() -> open(XzFiles.claiming(new byte[8 * 4096], Check.NONE, sizes)))
                .isInstanceOf(NotSeekableException.class)
                .hasMessageContaining("4096 blocks or more");
    }

    @ParameterizedTest
    @CsvSource({
        "0, it does not start as an .xz file does",
        "7, the stream header at byte 0",
        "8, the stream header at byte 0",
        "12, the block at byte 12",
        "14, the block at byte 12 of an .xz file is damaged: XZ Block Header is corrupt",
        "40000, is damaged",
        "-1, it was cut short",
        "-3, the stream footer",
        "-7, the stream footer",
        "-12, the stream footer",
        "-13, the index at byte",
        "-20, the index at byte"
    })
    void aBitThatFlippedIsFound(int at, String why) throws Exception {
        byte[] file = XzFiles.written(DISK, 1 << 16);
        file[at < 0 ? file.length + at : at] ^= 1;
        assertRefused(file, why);
    }

    @Test
    void read_afterADamagedBlock_returnsTheOthers() throws Exception {
        byte[] file = XzFiles.written(DISK, 1 << 16);
        file[file.length / 2] ^= 1;
        int damaged = 0;
        try (BlockSource source = open(file)) {
            for (int at = 0; at < SIZE; at += 1 << 16) {
                int length = Math.min(1 << 16, SIZE - at);
                try {
                    assertThat(source.read(at, length)).isEqualTo(Arrays.copyOfRange(DISK, at, at + length));
                } catch (DiskFormatException e) {
                    assertThat(e).hasMessageContaining("is damaged");
                    damaged++;
                }
            }
        }
        assertThat(damaged).isEqualTo(1);
    }

    @Test
    void whatIsNotWholeIsRefused() throws Exception {
        byte[] file = XzFiles.written(DISK, 1 << 16);
        assertRefused(new byte[0], "does not start as an .xz file does");
        assertRefused(new byte[1000], "does not start as an .xz file does");
        assertRefused(Arrays.copyOf(file, 12), "does not end as one");
        assertRefused(Arrays.copyOf(file, file.length - 1), "no multiple of four");
        assertRefused(Arrays.copyOf(file, file.length / 2 & -4), "cut short");
        assertRefused(XzFiles.joined(file, new byte[3]), "no multiple of four");
        assertRefused(XzFiles.joined(file, "more".getBytes(StandardCharsets.UTF_8)), "something follows it");
        assertRefused(XzFiles.joined("more".getBytes(StandardCharsets.UTF_8), file), "does not start");
        assertRefused(XzFiles.joined(file, new byte[17 << 20]), "bytes of zeros behind its streams");
        byte[] gap = XzFiles.joined(file, "gap.".getBytes(StandardCharsets.UTF_8), file);
        assertRefused(gap, "the stream footer at byte " + (file.length - 8));
        assertRefused(Arrays.copyOfRange(file, 4, file.length), "does not start");
    }

    @Test
    void blocksThatAreNotWhatTheIndexSaysAreRefused() throws Exception {
        PackedBlock block = new BlockEncoder(1, 4096).encode(DISK, 4096, 4096);
        byte[] bytes = block.bytes();
        long packed = block.packed();
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, packed, 4097), "sizes that the index says");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, packed, 4095), "sizes that the index says");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, packed - 1, 4096), "is damaged");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, packed + 4, 4096), "the index at byte");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, packed - 4, 4096), "stream header at byte 4");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64), "stream header at byte " + bytes.length);
        assertRefused(XzFiles.claiming(bytes, Check.CRC32, packed, 4096), "is damaged");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, packed, Long.MAX_VALUE), "9223372036854775807 bytes");
        assertRefused(XzFiles.claiming(bytes, Check.CRC64, Long.MAX_VALUE, 4096), "the index at byte");
        assertRefused(
                XzFiles.claiming(bytes, Check.CRC64, packed / 2, Long.MAX_VALUE, packed / 2, Long.MAX_VALUE),
                "the index at byte");
        byte[] huge = XzFiles.claiming(bytes, Check.CRC64, packed, 1L << 62);
        assertRefused(XzFiles.joined(huge, huge), "2^63 bytes or more");
    }

    @Test
    void unknownChecksAreRefused() throws Exception {
        byte[] file = XzFiles.written(new byte[10], 4096);
        file[7] = 2;
        int crc = StreamFrame.crc(file, 6, 2);
        for (int i = 0; i < 4; i++) {
            file[8 + i] = (byte) (crc >> (8 * i));
        }
        assertRefused(file, "checks of type 2, which are not known here");
    }
}
