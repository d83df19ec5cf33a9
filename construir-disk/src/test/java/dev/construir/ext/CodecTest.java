package dev.construir.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecTest {
    private static final Superblock SUPERBLOCK = new Superblock(
            Layout.of(1L << 30).geometry(),
            1234,
            567,
            Features.DIR_INDEX,
            Features.FILETYPE,
            Features.SPARSE_SUPER,
            true,
            "construir",
            UUID.fromString("01234567-89ab-cdef-0123-456789abcdef"),
            Instant.ofEpochSecond(1_700_000_000));

    @Test
    void superblockComesBack() throws Exception {
        assertThat(Superblock.decode(SUPERBLOCK.encode(3), 1L << 30)).isEqualTo(SUPERBLOCK);
    }

    @ParameterizedTest
    @CsvSource({
        "0x38, 0, magic number",
        "0x18, 7, blocks of 2^17",
        "0x14, 2, first block 2",
        "0x04, 0, number of blocks",
        "0x04, 0x7fffffff, 131072 inodes",
        "0x20, 0, blocks in a group",
        "0x28, 0, inodes in a group",
        "0x28, 0xffffffff, inodes in a group",
        "0x00, 5, 5 inodes",
        "0x58, 100, inodes of 100 bytes",
        "0x4c, 9, revision",
        "0x60, 0x1009, 'compression, journal_dev, dirdata'",
        "0x60, 0x40000006, 'bit 0x40000000'"
    })
    void superblockRefusesNonsense(String at, String value, String message) {
        byte[] bytes = SUPERBLOCK.encode(0);
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(Integer.decode(at), Long.decode(value).intValue());

        assertThatThrownBy(() -> Superblock.decode(bytes, 1L << 30))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("superblock at byte 1024")
                .hasMessageContaining(message);
    }

    @Test
    void superblockRefusesTooSmallADisk() {
        assertThatThrownBy(() -> Superblock.decode(SUPERBLOCK.encode(0), (1L << 30) - 1))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("on a disk of only 1073741823");
    }

    @Test
    void inodeComesBack() {
        ByteBuffer map = ByteBuffer.allocate(Inode.MAP_SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(4, 77);
        Inode inode = new Inode(
                Inode.FILE | 06755,
                0xfffe_1234L,
                0x8765_4321L,
                5L << 40,
                3,
                0xffff_0000L,
                0,
                9,
                Instant.ofEpochSecond(5_000_000_000L, 123_456_789),
                Instant.ofEpochSecond(5_000_000_001L, 987_654_321),
                -5,
                map);
        byte[] bytes = new byte[512];
        inode.encode(bytes, 256);

        assertThat(Inode.decode(bytes, 256, 256)).isEqualTo(inode);
    }

    @ParameterizedTest
    @ValueSource(longs = {-2_147_483_648L, -1, 0, 1, 2_147_483_647L, 2_147_483_648L, 4_294_967_296L, 15_032_385_535L})
    void timesComeBack(long seconds) {
        Instant time = Instant.ofEpochSecond(seconds, 999_999_999);

        assertThat(Timestamps.decode(Timestamps.seconds(time), Timestamps.extra(time)))
                .isEqualTo(time);
    }

    @Test
    void timesOutOfRangeBecomeTheNearest() {
        assertThat(Timestamps.decode(Timestamps.seconds(Instant.MAX), Timestamps.extra(Instant.MAX)))
                .isEqualTo(Instant.ofEpochSecond(15_032_385_535L));
        assertThat(Timestamps.decode(Timestamps.seconds(Instant.MIN), Timestamps.extra(Instant.MIN)))
                .isEqualTo(Instant.ofEpochSecond(Integer.MIN_VALUE));
    }

    @Test
    void groupDescriptorComesBack() {
        GroupDescriptor descriptor = new GroupDescriptor(2, 3, 0xffff_ff00L, 32_768, 16_384, 12);
        byte[] bytes = new byte[64];
        descriptor.encode(bytes, 32);

        assertThat(GroupDescriptor.decode(bytes, 32, 32)).isEqualTo(descriptor);
    }

    /** As {@code debugfs -R "dx_hash"} says. */
    @ParameterizedTest
    @CsvSource({
        "a, 0x35dc0cc4, 0xd5fa7d7a",
        "hello, 0xa26e4a80, 0x1746da32",
        "some-longer-name-19999, 0xe595c006, 0xd40735e6",
        "ünï, 0x64beb17e, 0x7c17772c",
        "0123456789012345678901234567890123456789012345678901234567890123456789, 0x0f1a1128, 0x25ae70d0"
    })
    void namesHaveHashes(String name, String seeded, String unseeded) {
        byte[] bytes = (" " + name).getBytes(StandardCharsets.UTF_8);
        UUID seed = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");

        assertThat(DirectoryHash.of(seed).of(bytes, 1, bytes.length - 1))
                .isEqualTo(Long.decode(seeded).intValue());
        assertThat(DirectoryHash.of(new UUID(0, 0)).of(bytes, 1, bytes.length - 1))
                .isEqualTo(Long.decode(unseeded).intValue());
    }

    @Test
    void directoryRecordsComeBack() throws Exception {
        byte[] block = new byte[1024];
        Arrays.fill(block, (byte) 0x55);
        DirectoryPacker packer = new DirectoryPacker(block);
        int count = 0;
        while (packer.add(12 + count, Inode.FILE, name("file" + count), 0, name("file" + count).length)) {
            count++;
        }
        packer.finish();

        DirectoryBlock records = new DirectoryBlock(block, 4096, 1000);
        for (int i = 0; i < count; i++) {
            assertThat(records.next()).isTrue();
            assertThat(records.inode()).isEqualTo(12 + i);
            assertThat(records.name()).isEqualTo(name("file" + i));
            assertThat(records.isNamed(name("file" + i))).isTrue();
        }
        assertThat(records.next()).isFalse();
        assertThat(count).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({
        "4, 0, impossible length",
        "4, 7, impossible length",
        "4, 10, impossible length",
        "4, 2048, impossible length",
        "4, 1020, cut off",
        "6, 0x0100, empty name",
        "6, 0x01ff, 'inode 12 of 11'"
    })
    void directoryRecordsRefuseNonsense(int at, String value, String message) {
        byte[] block = new byte[1024];
        DirectoryPacker packer = new DirectoryPacker(block);
        packer.add(12, Inode.FILE, name("abc"), 0, 3);
        packer.finish();
        ByteBuffer.wrap(block)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(at, Integer.decode(value).shortValue());

        int inodes = message.contains("of 11") ? 11 : 100;
        DirectoryBlock records = new DirectoryBlock(block, 8192, inodes);
        assertThatThrownBy(() -> {
                    while (records.next()) {
                        assertThat(records.name()).isNotEmpty();
                    }
                })
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("directory record at byte ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "/", "a\0b"})
    void directoryRecordsRefuseNamesThatLeadElsewhere(String text) {
        byte[] block = new byte[1024];
        DirectoryPacker packer = new DirectoryPacker(block);
        packer.add(12, Inode.FILE, name(text), 0, name(text).length);
        packer.finish();

        assertThatThrownBy(() -> new DirectoryBlock(block, 0, 100).next())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageMatching("directory record at byte 0 has a name with a (slash|NUL) in it");
    }

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
