package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damages what inodes say, one structure after another: each is named with its place, and nothing else comes out. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileInodeTest {
    private static final int BLOCK = 1024;
    private static final int EXTENTS = 0x80000;
    private static final int INLINE = 0x1000_0000;
    private static final int MAP = 0x28;
    private static final int FLAGS = 0x20;
    private static final int SIZE = 0x04;
    private static final int ATTRIBUTES = 160;

    @TempDir
    Path dir;

    private Path image = Path.of("");
    private long victim;
    private long link;
    private long directory;
    private int node;

    @BeforeEach
    void create() throws IOException {
        image = Images.create(dir.resolve("disk.img"), "1M", disk -> {
            Images.file(disk, "victim", Images.bytes(1, 5000));
            Images.file(disk, "node", Images.bytes(2, BLOCK));
            Images.file(disk, "dir/file", "x");
            Images.file(disk, "dir/below/file", "y");
            disk.symbolicLink("link", Images.mode(0777), "x".repeat(100));
        });
        try (DiskReader disk = DiskReader.open(image)) {
            victim = disk.find("/victim").orElseThrow().inode();
            link = disk.find("/link").orElseThrow().inode();
            directory = disk.find("/dir").orElseThrow().inode();
            node = get(inode(disk.find("/node").orElseThrow().inode()) + MAP);
        }
    }

    /** Returns where an inode stands. */
    private long inode(long number) throws IOException {
        return (long) get(2048 + 8) * BLOCK + (number - 1) * 256;
    }

    private int get(long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            file.seek(at);
            return Integer.reverseBytes(file.readInt());
        }
    }

    private void put(long at, int... values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        put(at, bytes.array());
    }

    private void put(long at, byte[] bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(at);
            file.write(bytes);
        }
    }

    private byte[] read(String path) throws IOException {
        try (DiskReader disk = DiskReader.open(image);
                InputStream content = disk.open(path)) {
            return content.readAllBytes();
        }
    }

    /** Takes words apart: numbers in hexadecimal, {@code N} for the block of the file "node". */
    private int[] words(String text) {
        return Arrays.stream(text.split(" "))
                .mapToInt(word -> word.equals("N") ? node : Integer.parseUnsignedInt(word, 16))
                .toArray();
    }

    @ParameterizedTest
    @CsvSource({
        // root of the tree: magic number and count, room and depth, generation; entries; what is in the block it leads
        // to; what is said
        "f30b 0 0, , the extent tree of inode 12 at byte \\d+ has the magic number 0xf30b",
        "5f30a 0 0, , the extent tree of .* has no room for 5 entries",
        "1f30a 60004 0 0 N 0, , the extent tree of .* is 6 levels above its leaves; 5 are allowed",
        "f30a 10004 0, , the extent tree of .* leads to nothing",
        "1f30a 10004 0 0 7fffffff 0, , the extent tree of .* names block 2147483647 of 1024",
        "1f30a 10004 0 0 N 0, 1f30a 10054 0 0 N 0, the extent block at byte \\d+ of .* is not 0 levels above its leaves",
        "1f30a 20004 0 0 N 0, 1f30a 20054 0 0 N 0, the extent block at byte \\d+ of .* is not 1 levels above its leaves",
        "1f30a 10004 0 0 N 0, 0 0 0, the extent block at byte \\d+ of .* has the magic number 0x0",
        "1f30a 10004 0 0 N 0, fffff30a 54 0, the extent block at byte \\d+ of .* has no room for 65535 entries",
        "2f30a 10004 0 0 N 0 2 N 0, 2f30a 54 0 0 1 14 3 1 14, .* an entry 1 for blocks 3 to 4. of 2",
        "2f30a 10004 0 0 N 0 0 N 0, , .* is not in order: its entry 1 begins at block 0. not at 1 or behind",
        "2f30a 4 0 5 1 14 2 1 14, , .* is not in order: its entry 1 begins at block 2. not at 6 or behind",
        "2f30a 4 0 0 4 14 2 1 14, , .* is not in order: its entry 1 begins at block 2. not at 4 or behind",
        "1f30a 4 0 0 0 14, , .* has an entry 0 for blocks 0 to 0.*",
        "1f30a 4 0 fffffffe 3 14, , .* has an entry 0 for blocks 4294967294 to 4294967297.*",
        "1f30a 4 0 0 5 3fe, , .* names block 1022 and 4 more of 1024",
        "1f30a 4 0 0 ffff0005 14, , .* names block 281470681743380 and 4 more of 1024"
    })
    void extentTrees(String root, String block, String message) throws IOException {
        put(inode(victim) + FLAGS, EXTENTS);
        put(inode(victim) + MAP, words(root));
        if (block != null) {
            put((long) node * BLOCK, words(block));
        }
        assertThatThrownBy(() -> read("/victim"))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageMatching(message);
    }

    @Test
    void aHoleOfATerabyteTakesNoTime() throws Exception {
        put(inode(victim) + FLAGS, EXTENTS);
        put(inode(victim) + MAP, 0x1f30a, 4, 0, 0x1000, 0x8005, 0x14); // room that was never written
        put(inode(victim) + SIZE, 0);
        put(inode(victim) + 0x6c, 0x100);
        ReadLimits limits = ReadLimits.DEFAULT.withBytes(DataSize.ofGibibytes(1 << 20));
        try (DiskReader disk = DiskReader.open(image, limits)) {
            assertThat(disk.find("/victim").orElseThrow().size()).isEqualTo(1L << 40);
            assertThat(disk.copyTo("/victim", dir.resolve("target"), ExtractOptions.DEFAULT)
                            .skipped())
                    .isEmpty();
        }
        assertThat(Files.size(dir.resolve("target/victim"))).isEqualTo(1L << 40);
    }

    @Test
    void indirectBlocksThatNameThemselvesEndWithTheFile() throws Exception {
        int[] loop = new int[BLOCK / 4];
        Arrays.fill(loop, node);
        put((long) node * BLOCK, loop);
        put(inode(victim) + MAP + 48, node, node, node);
        put(inode(victim) + SIZE, 70_000 * BLOCK);

        try (DiskReader disk = DiskReader.open(image);
                InputStream content = disk.open("/victim")) {
            content.skipNBytes(69_999L * BLOCK);
            assertThat(content.readAllBytes()).isEqualTo(block(loop));
        }
    }

    private static byte[] block(int[] words) {
        ByteBuffer bytes = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(words).forEach(bytes::putInt);
        return bytes.array();
    }

    @ParameterizedTest
    @CsvSource({
        "0, target of 0 bytes",
        "4096, target of 4096 bytes",
        "0x7fffffff, target of 2147483647 bytes",
        "4000, NUL in its target"
    })
    void symbolicLinks(String size, String message) throws IOException {
        put(inode(link) + SIZE, Integer.decode(size));
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.readLink("/link"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageMatching("inode \\d+ at byte \\d+, a symbolic link, has a " + message + ".*");
        }
    }

    @Test
    void inlineDataEndsWithItsRoom() throws Exception {
        put(inode(victim) + FLAGS, INLINE);
        assertThat(inlineBytes(5000)).isEqualTo(60);
        // "system.data", of 20 bytes at the end
        put(inode(victim) + ATTRIBUTES, 0xea020000, 0x00480704, 0, 20, 0, 0x61746164, 0);
        put(inode(victim) + 256 - 20, -1, -1, -1, -1, -1);
        assertThat(inlineBytes(70)).isEqualTo(70);
        assertThat(inlineBytes(5000)).isEqualTo(80);
        put(inode(victim) + 0x6c, 0x100);
        ReadLimits limits = ReadLimits.DEFAULT.withBytes(DataSize.ofGibibytes(1 << 20));
        try (DiskReader disk = DiskReader.open(image, limits)) {
            assertThat(disk.copyTo("/victim", dir.resolve("target"), ExtractOptions.DEFAULT)
                            .bytes())
                    .isEqualTo((1L << 40) + 5000);
        }
        put(inode(victim) + 0x6c, 0);
        put(inode(victim) + ATTRIBUTES + 8, 14);
        assertThatThrownBy(() -> read("/victim")).hasMessageContaining("has inline data in another inode");
    }

    /** Returns how many bytes of the file are there; behind them is a hole. */
    private int inlineBytes(int size) throws IOException {
        put(inode(victim) + SIZE, size);
        put(inode(victim) + MAP, Images.bytes(9, 59));
        put(inode(victim) + MAP + 59, new byte[] {1});
        byte[] content = read("/victim");
        assertThat(content).hasSize(size);
        int end = size;
        while (content[end - 1] == 0) {
            end--;
        }
        return end;
    }

    @Test
    void recordsOfInlineDirectoriesAreChecked() throws Exception {
        put(inode(directory) + FLAGS, INLINE);
        put(inode(directory) + MAP, 2, (int) victim, 'a' << 16 | 'b' << 24 | 0x0138, 0);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.list("/dir"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessage("directory record at byte " + (inode(directory) + MAP + 4)
                            + " has an impossible length, 312");
        }
        put(inode(directory) + MAP, 2, (int) victim, 0x01010038, 'v');
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.list("/dir")).hasSize(1);
            assertThat(disk.find("/dir/v").orElseThrow().inode()).isEqualTo(victim);
            assertThat(disk.copyTo(dir.resolve("target")).files()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // the entry: lengths and place, inode of the value, size, hash; name; what is said
        "00480101 0 19 0 61, has a value of 25 bytes at 72.*",
        "00020101 0 4 0 61, has a value of 4 bytes at 2.*",
        "ffff0101 0 4 0 61, has a value of 4 bytes at 65535.*",
        "00480101 0 ffffffff 0 61, has a value of 4294967295 bytes at 72.*",
        "000001ff 0 0 0 61, is cut off",
        "00000102 0 0 0 61, has a NUL in its name",
        "00000101 ffffffff 5 0 61, there is no inode 4294967295 .*",
        "00000101 2 5 0 61, .* has its value in inode 2 at byte \\d+. which is no such value",
        "00000101 2 10001 0 61, has a value of 65537 bytes; 65536 are allowed",
        "00480201 0 3 0 61, .*access control list.*",
        "00480201 0 9 0 61, .*access control list.*"
    })
    void extendedAttributes(String entry, String message) throws IOException {
        put(inode(victim) + ATTRIBUTES, 0xea020000);
        put(inode(victim) + ATTRIBUTES + 4, words(entry));
        put(inode(victim) + ATTRIBUTES + 24, 0);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.extendedAttributes("/victim"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageMatching("(extended attribute at byte \\d+ )?" + message);
        }
    }

    @Test
    void blocksOfAttributes() throws IOException {
        put(inode(victim) + 0x68, 5000);
        assertAttributesFail("the place of the attributes of inode 12 at byte \\d+ names block 5000 of 1024");
        put(inode(victim) + 0x68, node);
        assertAttributesFail("attribute block at byte \\d+ is none: magic number .*");
        put((long) node * BLOCK, 0xea020000, 1, 2);
        assertAttributesFail("attribute block at byte \\d+ is none: magic number 0xea020000, 2 blocks");
        put((long) node * BLOCK, new byte[BLOCK]);
        put((long) node * BLOCK, 0xea020000, 1, 1, 0, 0, 0, 0, 0, 0x03f00101, 0, 16, 0, 'a');
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.extendedAttributes("/victim")).containsOnlyKeys("user.a");
        }
        put(inode(victim) + 0x80, 250);
        assertAttributesFail("inode at byte \\d+ uses an impossible number of bytes beyond 128, 250");
    }

    private void assertAttributesFail(String message) throws IOException {
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.extendedAttributes("/victim"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageMatching(message);
        }
    }

    /** Damages the record that names a file, in the only block of its directory. */
    @ParameterizedTest
    @CsvSource({
        "4, 0, has an impossible length. 0",
        "4, 4, has an impossible length. 4",
        "4, 13, has an impossible length. 13",
        "4, 1020, has an impossible length. 1020",
        "6, 0, has an empty name",
        "6, 254, has a name of 254 bytes in \\d+",
        "8, 47, has a name with a slash in it",
        "9, 0, has a name with a NUL in it",
        "1, 127, names inode \\d+ of \\d+",
        "0, 100, 'names inode 100 at byte \\d+, which is free'"
    })
    void directoryRecords(int field, int value, String message) throws IOException {
        long record = record("file");
        put(record + field, field == 4 ? new byte[] {(byte) value, (byte) (value >> 8)} : new byte[] {(byte) value});
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(() -> disk.list("/dir"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageMatching("directory record at byte " + record + " " + message);
        }
    }

    private long record(String name) throws IOException {
        byte[] block = new byte[BLOCK];
        long start = (long) get(inode(directory) + MAP) * BLOCK;
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "r")) {
            file.seek(start);
            file.readFully(block);
        }
        return start + new String(block, StandardCharsets.ISO_8859_1).indexOf(name) - 8;
    }

    @Test
    void directoriesBelowThemselvesEndAWalk() throws Exception {
        put(record("below"), (int) directory);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThatThrownBy(disk::snapshot)
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("/dir/below has another name already: a directory is in two places");
            ExtractReport report = disk.copyTo(dir.resolve("target"));
            assertThat(report.skipped()).containsExactly("/dir/below: a directory that has another name");
            assertThatThrownBy(() -> disk.find("/dir/below/below/file"))
                    .hasMessageContaining("which a directory has already");
        }
    }

    @Test
    void whatDotsSayIsNotAsked() throws Exception {
        long start = (long) get(inode(directory) + MAP) * BLOCK;
        put(start, (int) victim);
        put(start + 12, (int) link);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.list("/dir")).hasSize(2);
            assertThat(disk.copyTo(dir.resolve("target")).skipped()).noneMatch(text -> text.startsWith("/dir"));
        }
    }

    @Test
    void groupDescriptorsLeadToInodes() throws IOException {
        put(2048 + 8, 1020);
        assertThatThrownBy(() -> DiskReader.open(image).find("/victim"))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageMatching("the descriptor of group 0 at byte 2048 names block 1020 and \\d+ more of 1024");
    }

    @Test
    void directoriesAsDeepAsAPathCanNameThemAreReadAndNotMore() throws Exception {
        String deep = "/d".repeat(2047);
        Path other = Images.create(dir.resolve("deep.img"), "16M", disk -> Images.file(disk, deep + "/f", "x"));
        try (DiskReader disk = DiskReader.open(other)) {
            assertThat(disk.snapshot()).isNotNull();
            assertThat(disk.find(deep + "/f")).isPresent();
        }
        try (DiskReader disk = DiskReader.open(other, ReadLimits.DEFAULT.withDepth(2046))) {
            assertThatThrownBy(disk::snapshot).hasMessageContaining("is deeper than 2046 directories, the limit");
        }
        try (DiskReader disk = DiskReader.open(other, ReadLimits.DEFAULT.withPathLength(4094))) {
            assertThatThrownBy(disk::snapshot).hasMessageContaining("a path has more than 4094 bytes, the limit");
            assertThatThrownBy(() -> disk.find(deep + "/f")).hasMessageContaining("a path has more than 4094 bytes");
        }
        assertThatThrownBy(() -> ReadLimits.DEFAULT.withDepth(2049)).isInstanceOf(IllegalArgumentException.class);
    }
}
