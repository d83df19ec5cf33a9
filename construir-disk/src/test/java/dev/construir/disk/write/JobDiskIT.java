package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.disk.Attributes;
import dev.construir.disk.DiskEntry.Kind;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.read.DiskReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks what we write with e2fsck, and reads it with debugfs. */
class JobDiskIT {
    @TempDir
    Path dir;

    private Path image(String size, DiskContent content) throws IOException {
        return Images.create(dir.resolve("disk.img"), size, content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "64K",
                "68K",
                "100K",
                "1M",
                "8M",
                "8196K",
                "8252K",
                "8256K",
                "8400K",
                "16380K",
                "16M",
                "128M",
                "131076K",
                "131272K",
                "133400K",
                "139264K",
                "1000004K",
                "20G"
            })
    void anEmptyDiskIsClean(String size) throws Exception {
        Ext2Tools.assertClean(image(size, disk -> {}));
    }

    /** A check would read all 32 GiB of its inode tables, so this only asks debugfs. */
    @Test
    void theBiggestDiskIsRead() throws Exception {
        Path image = image("2T", disk -> Images.file(disk, "file", "content"));

        // -c: without the bitmaps, which take long, too.
        assertThat(Ext2Tools.run("debugfs", "-c", "-R", "show_super_stats", image.toString()))
                .contains("Block count:              536870912", "Group 16383:");
        assertThat(Ext2Tools.run("debugfs", "-c", "-R", "cat /file", image.toString()))
                .endsWith("content");
        assertThat((Long) Files.getAttribute(image, "unix:size")).isEqualTo(2L << 40);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1M, 60, 20000",
        "2, 8256K, 300, 100000",
        "3, 16M, 500, 200000",
        "4, 140M, 1000, 1000000",
        "5, 64K, 15, 3000",
        "6, 300M, 20, 60000000"
    })
    void randomContentIsCleanAndComesBack(long seed, String size, int entries, int maxSize) throws Exception {
        RandomContent content = new RandomContent(seed, entries, maxSize);
        Path image = image(size, content);

        Ext2Tools.assertClean(image);
        try (DiskReader disk = DiskReader.open(image)) {
            for (var file : content.files.entrySet()) {
                assertThat(disk.open(file.getKey()).readAllBytes()).isEqualTo(file.getValue());
            }
            for (var link : content.links.entrySet()) {
                assertThat(disk.readLink(link.getKey())).isEqualTo(link.getValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"64K", "1M", "8400K", "16M", "140M"})
    void aDiskThatIsExactlyFullIsClean(String size) throws Exception {
        Path probe = Images.create(dir.resolve("probe"), size, disk -> {});
        String free = Ext2Tools.debugfs(probe, "show_super_stats -h");
        int blockSize = number(free, "Block size:");
        int blocks = number(free, "Free blocks:");
        int perBlock = blockSize / 4;
        int rest = blocks - 12 - 1;
        int data = rest <= perBlock ? 12 + rest : full(rest - perBlock, perBlock);
        byte[] content = Images.bytes(7, data * blockSize);

        Path image = image(size, disk -> Images.file(disk, "f", content));
        Ext2Tools.assertClean(image);
        assertThat(number(Ext2Tools.debugfs(image, "show_super_stats -h"), "Free blocks:"))
                .isLessThan(3);
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.open("/f").readAllBytes()).isEqualTo(content);
        }
        byte[] more = Images.bytes(7, (data + 3) * blockSize);
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> Images.create(dir.resolve("more"), size, disk -> Images.file(disk, "f", more)))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("the disk of " + size);
    }

    /** How many blocks of content fit beside their indirect blocks, if so many blocks are left for the second level. */
    private static int full(int left, int perBlock) {
        int inSecond = left - 1;
        int indirect = (inSecond + perBlock) / (perBlock + 1);
        return 12 + perBlock + inSecond - indirect;
    }

    private static int number(String text, String label) {
        return text.lines()
                .filter(line -> line.startsWith(label))
                .map(line -> Integer.parseInt(line.substring(label.length()).strip()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void hugeSparseFilesAreClean() throws Exception {
        long size = 5L << 30;
        byte[] end = Images.bytes(1, 10_000);
        Path image = image("16M", disk -> {
            disk.file("triple", Images.mode(0644), size, JobDiskTest.zerosThen(size - end.length, end));
            disk.file("zeros", Images.mode(0644), size, JobDiskTest.zerosThen(size, new byte[0]));
        });
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "stat /triple")).contains("Size: 5368709120", "(TIND)");
        assertThat(Ext2Tools.debugfs(image, "stat /zeros")).contains("Blockcount: 0");
    }

    @Test
    void manyEntriesAreClean() throws Exception {
        Path image = image("256M", disk -> {
            for (int i = 0; i < 20_000; i++) {
                Images.file(disk, "many/name-" + i, "");
                disk.directory("dirs" + i % 4 + "/" + i, Images.mode(0755));
            }
            Images.file(disk, "x".repeat(255), "x");
            Images.file(disk, "é".repeat(127), "x");
        });
        Ext2Tools.assertClean(image);
        assertThat(Ext2Tools.debugfs(image, "ls -p /many").lines().count()).isGreaterThanOrEqualTo(20_002);
    }

    @Test
    void debugfsReadsWhatWeWrite() throws Exception {
        byte[] content = Images.bytes(3, 5_000_000);
        Attributes attributes = new Attributes(04751, 70_000, 80_000, Images.TIME);
        Path image = image(
                "16M",
                disk -> disk.file("dir/file", attributes, content.length, new ByteArrayInputStream(content))
                        .hardLink("name", "dir/file")
                        .symbolicLink("fast", Images.mode(0777), "dir/file")
                        .symbolicLink("slow", Images.mode(0777), "s".repeat(3000)));

        String stat = Ext2Tools.debugfs(image, "stat /dir/file");
        assertThat(stat)
                .contains("Type: regular", "Mode:  04751", "User: 70000", "Group: 80000", "Size: 5000000", "Links: 2");
        assertThat(stat)
                .containsPattern("mtime: 0x" + Long.toHexString(Images.TIME.getEpochSecond()) + ":"
                        + String.format("%08x", Images.TIME.getNano() << 2));
        assertThat(Ext2Tools.debugfs(image, "stat /fast")).contains("Fast link dest: \"dir/file\"");
        assertThat(Ext2Tools.debugfs(image, "stat /slow")).contains("Type: symlink", "Size: 3000");
        Ext2Tools.debugfs(image, "dump /dir/file " + dir.resolve("dumped"));
        assertThat(dir.resolve("dumped")).hasBinaryContent(content);
        Path all = Files.createDirectory(dir.resolve("all"));
        Ext2Tools.debugfs(image, "rdump / " + all);
        assertThat(all.resolve("dir/file")).hasBinaryContent(content);
        assertThat(Files.readSymbolicLink(all.resolve("slow"))).hasToString("s".repeat(3000));
    }

    @Test
    void lostAndFoundIsADirectory() throws Exception {
        try (DiskReader disk = DiskReader.open(image("64K", empty -> {}))) {
            assertThat(disk.find("/lost+found"))
                    .hasValueSatisfying(entry -> assertThat(entry.kind()).isEqualTo(Kind.DIRECTORY));
        }
    }
}
