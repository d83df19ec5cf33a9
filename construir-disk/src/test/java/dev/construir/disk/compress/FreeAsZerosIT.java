package dev.construir.disk.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.compress.CompressOptions.Digests;
import dev.construir.disk.compress.CompressOptions.FreeBlocks;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.Images;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What dumpe2fs calls free is zeros, all else is as it was, and e2fsck has nothing to say. */
class FreeAsZerosIT {
    private static final String SECRET = "what a deleted file held. ";
    private static final Pattern GROUP = Pattern.compile("(?m)^Group \\d+: (.*)((?:\n .*)*)");
    private static final Pattern FREE = Pattern.compile("(?m)^  Free blocks: (.*)$");
    private static final Pattern CLUSTER_SIZE = Pattern.compile("(?m)^Cluster size: +(\\d+)$");
    private static final Pattern BLOCK_SIZE = Pattern.compile("(?m)^Block size: +(\\d+)$");

    @TempDir
    static Path shared;

    @TempDir
    Path dir;

    private static Path tree = Path.of("");
    private static Path sound = Path.of("");

    @BeforeAll
    static void fill() throws Exception {
        tree = Files.createDirectories(shared.resolve("tree"));
        for (int i = 0; i < 40; i++) {
            Path directory = Files.createDirectories(tree.resolve("directory" + i % 5));
            Files.write(directory.resolve("kept" + i), Images.bytes(i, i * 700));
            Files.writeString(directory.resolve("deleted" + i), SECRET.repeat(20 * i));
        }
        Files.write(tree.resolve("big"), Images.bytes(1, 700_000));
        Files.writeString(tree.resolve("deleted"), SECRET.repeat(50_000));
        sound = make("ext4 -b 1024 -O ^metadata_csum,uninit_bg,^extents,^64bit", shared.resolve("sound.img"));
        delete(sound);
        assertThat(text(read(sound))).doesNotContain(SECRET);
    }

    private static void assertUntouched(Path image) throws IOException {
        assertThat(Arrays.equals(read(image), Files.readAllBytes(image))).isTrue();
    }

    private Path make(String options) throws Exception {
        return make(options, dir.resolve("disk.img"));
    }

    private static Path make(String options, Path image) throws Exception {
        List<String> words = new ArrayList<>(List.of("-q", "-t"));
        words.addAll(List.of(options.split(" ")));
        words.addAll(List.of("-d", tree.toString(), image.toString(), "16M"));
        Ext2Tools.run("mke2fs", words.toArray(new String[0]));
        return image;
    }

    private static void delete(Path image) throws Exception {
        List<String> requests = new ArrayList<>(List.of("rm /deleted"));
        for (int i = 0; i < 40; i++) {
            requests.add("rm /directory" + i % 5 + "/deleted" + i);
        }
        Ext2Tools.modify(image, requests);
    }

    private static byte[] read(Path image) throws IOException {
        try (BlockSource disk = FreeAsZeros.on(new FileSource(image))) {
            byte[] content = new byte[(int) disk.size()];
            int step = 100_000; // no multiple of a block's size
            for (int at = 0; at < content.length; at += step) {
                int length = Math.min(step, content.length - at);
                disk.read(at, content, at, length);
                if (disk.isZero(at, length)) {
                    assertThat(isZero(content, at, at + length)).isTrue();
                }
            }
            return content;
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] == 0) {
            at++;
        }
        return at == to;
    }

    /** Which blocks are free, as dumpe2fs says; those of groups without a bitmap are left out. */
    private static BitSet free(String said) {
        BitSet blocks = new BitSet();
        int cluster = said.contains("Cluster size:") ? number(CLUSTER_SIZE, said) / number(BLOCK_SIZE, said) : 1;
        Matcher groups = GROUP.matcher(said);
        while (groups.find()) {
            Matcher free = FREE.matcher(groups.group(2));
            if (!groups.group(1).contains("BLOCK_UNINIT") && free.find()) {
                for (String range : free.group(1).split(", ")) {
                    if (!range.isBlank()) {
                        String[] ends = range.strip().split("-");
                        blocks.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + cluster);
                    }
                }
            }
        }
        return blocks;
    }

    private static int number(Pattern pattern, String said) {
        Matcher matcher = pattern.matcher(said);
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ext2 -b 1024 -I 128 -O ^resize_inode",
                "ext2 -b 1024 -g 256 -N 512",
                "ext2 -O none",
                "ext3 -b 1024",
                "ext3 -O meta_bg,^resize_inode -b 1024 -g 1024",
                "ext4 -O inline_data",
                "ext4 -O meta_bg,^resize_inode -b 1024 -g 512",
                "ext4 -O meta_bg,^resize_inode,^64bit,sparse_super2 -b 1024 -g 512",
                "ext4 -O ^extents,^64bit",
                "ext4 -O bigalloc,^has_journal -b 1024 -C 8192",
                "ext4 -O bigalloc -C 65536",
                "ext4 -O casefold,inline_data,large_dir -E encoding=utf8",
                "ext4 -O ea_inode,encrypt,verity -b 4096",
                "ext4 -O ^flex_bg,uninit_bg,^metadata_csum -b 1024",
                "ext4 -O orphan_file,fast_commit,stable_inodes",
                "ext4 -O ^has_journal -b 65536 -F"
            })
    void whatIsFreeIsZerosAndNothingElse(String options) throws Exception {
        Path image = make(options);
        delete(image);
        byte[] before = Files.readAllBytes(image);
        String said = Ext2Tools.run("dumpe2fs", image.toString());
        BitSet free = free(said);
        int blockSize = number(BLOCK_SIZE, said);
        assertThat(free.cardinality() * blockSize).isGreaterThan(1_500_000);
        assertThat(text(before)).contains(SECRET);

        byte[] after = read(image);

        byte[] expected = before.clone();
        free.stream().forEach(block -> Arrays.fill(expected, block * blockSize, (block + 1) * blockSize, (byte) 0));
        assertThat(Arrays.mismatch(expected, after)).isEqualTo(-1);
        assertThat(text(after)).doesNotContain(SECRET);
        Files.write(image, after);
        Ext2Tools.assertClean(image);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "feature quota",
                "ssv state 0",
                "ssv state 3",
                "ssv state 5",
                "ssv last_orphan 12",
                "ssv free_blocks_count 100",
                "feature needs_recovery",
                "feature orphan_present",
                "feature FEATURE_R20",
                "feature FEATURE_C20",
                "set_bg 0 free_blocks_count 100",
                "set_bg 1 checksum 1",
                "set_bg 1 block_bitmap 7",
                "set_bg 1 inode_table 0x7fffffff",
                "freeb 1",
                "sif <8> block[0] 0"
            })
    void whatIsOddIsLeftAsItIs(String oddity) throws Exception {
        Path image = Files.copy(sound, dir.resolve("disk.img"));
        Ext2Tools.modify(image, List.of(oddity));
        assertUntouched(image);
    }

    @Test
    void aJournalWithSomethingInItIsHeeded() throws Exception {
        Path image = make("ext3 -b 1024");
        delete(image);
        String said = Ext2Tools.debugfs(image, "blocks <8>");
        long block = Long.parseLong(
                said.lines().skip(1).findFirst().orElseThrow().strip().split(" ")[0]);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(block * 1024 + 0x1c);
            assertThat(file.readInt()).isZero();
            file.seek(block * 1024 + 0x1c);
            file.writeInt(1);
        }
        assertUntouched(image);
    }

    @Test
    void aBitmapThatWasNotSealedIsNotBelieved() throws Exception {
        Path image = make("ext4 -b 4096");
        delete(image);
        Matcher bitmap = Pattern.compile("Block bitmap at (\\d+)").matcher(Ext2Tools.run("dumpe2fs", image.toString()));
        assertThat(bitmap.find()).isTrue();
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) { // one used less, another more
            file.seek(Long.parseLong(bitmap.group(1)) * 4096);
            byte[] bits = new byte[500];
            file.readFully(bits);
            bits[0] ^= 1;
            bits[499] ^= 1;
            file.seek(file.getFilePointer() - bits.length);
            file.write(bits);
        }
        assertUntouched(image);
    }

    @Test
    void theFileHasNothingOfItEither() throws Exception {
        Path image = make("ext2");
        delete(image);
        Path packed = dir.resolve("disk.img.xz");
        CompressOptions options = CompressOptions.DEFAULT
                .withPreset(0)
                .withBlockSize(DataSize.ofKibibytes(128))
                .withDigests(Digests.SHA256);
        CompressReport report = CompressedImage.write(image, packed, options);
        CompressReport whole =
                CompressedImage.write(image, dir.resolve("whole.xz"), options.withFreeBlocks(FreeBlocks.AS_THEY_ARE));
        assertThat(whole.compressed().size()).isGreaterThan(report.compressed().size());
        assertThat(List.of(sha256(image)))
                .isEqualTo(List.of(whole.image().sha256().orElseThrow()));

        byte[] expected = read(image);
        Files.delete(image);
        Ext2Tools.run("xz", "-dk", packed.toString());
        assertThat(Files.readAllBytes(image)).isEqualTo(expected);
        assertThat(report.image().size().bytes()).isEqualTo(Files.size(image));
        assertThat(report.compressed().size().bytes()).isEqualTo(Files.size(packed));
        assertThat(report.image().sha256()).contains(sha256(image));
        assertThat(report.compressed().sha256()).contains(sha256(packed));
        Path target = dir.resolve("target");
        try (DiskReader disk = DiskReader.open(packed)) {
            disk.copyTo(target);
        }
        for (int i = 0; i < 40; i++) {
            Path file = Path.of("directory" + i % 5, "kept" + i);
            assertThat(Files.mismatch(target.resolve(file), tree.resolve(file))).isEqualTo(-1);
        }
    }

    private static String sha256(Path file) throws Exception {
        return Ext2Tools.run("sha256sum", file.toString()).substring(0, 64);
    }

    @Test
    void whatIsNoRawFileSystemIsLeftAsItIs() throws Exception {
        Path image = make("ext2");
        delete(image);
        for (String name : List.of("disk.qcow2", "disk.img.xz")) {
            Path other = Files.copy(image, dir.resolve(name));
            CompressReport report = CompressedImage.write(
                    other,
                    dir.resolve("packed"),
                    CompressOptions.DEFAULT.withPreset(0).withDigests(Digests.SHA256));
            assertThat(report.image().sha256()).contains(sha256(image));
            Files.delete(dir.resolve("packed"));
        }
    }
}
