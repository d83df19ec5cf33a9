package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.disk.Ext2Tools;
import dev.construir.disk.FileSystemInfo;
import dev.construir.disk.Partition;
import dev.construir.disk.write.Images;
import dev.construir.qcow2.Qcow2Image;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads whole disks that sfdisk, mke2fs and qemu-img make, and compares with what debugfs and qemu-img read. */
@SuppressWarnings("NullAway.Init")
class DiskImageIT {
    private static final int MEBIBYTE = 1 << 20;
    private static final int FILES = 400;

    /** A disk with a GPT: an empty partition, an ext4 with some hundred files, and one with other things. */
    @TempDir
    static Path made;

    @TempDir
    Path dir;

    private static Path gpt;
    private static List<String> listing;

    @BeforeAll
    static void makeADisk() throws Exception {
        Path tree = Files.createDirectories(made.resolve("tree/some/directories/deep"));
        for (int i = 0; i < FILES; i++) {
            Files.write(tree.resolve("file-" + i), Images.bytes(i, i * i / 3));
        }
        Files.writeString(tree.resolve("text"), "all work and no play ".repeat(200_000));
        Files.createSymbolicLink(tree.resolve("link"), Path.of("file-1"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            sparse.seek(10 * MEBIBYTE - 100);
            sparse.write(Images.bytes(1, 100));
        }
        Path top = made.resolve("tree");
        gpt = disk(made.resolve("gpt.img"), "label: gpt\nsize=2M, type=U\nsize=48M, type=L\nsize=4M, type=S\n");
        fileSystem(gpt, 3 * MEBIBYTE, "48M", top);
        listing = extracted(DiskImage.of(gpt).files(), made.resolve("extracted"));
        assertThat(listing).hasSizeGreaterThan(FILES);
        Path dumped = Files.createDirectory(made.resolve("dumped"));
        Ext2Tools.run("debugfs", "-R", "rdump /some " + dumped, gpt + "?offset=" + 3 * MEBIBYTE);
        assertThat(listing).isEqualTo(describe(dumped));
        assertThat(listing).isEqualTo(describe(top));
    }

    private static Path disk(Path image, String table) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(60 * MEBIBYTE + 512);
        }
        Path script = Files.writeString(image.resolveSibling(image.getFileName() + ".sfdisk"), table);
        Ext2Tools.run(
                "sh",
                "-c",
                "PATH=$PATH:/usr/sbin:/sbin sfdisk -q \"$1\" <\"$2\"",
                "sh",
                image.toString(),
                script.toString());
        return image;
    }

    private static void fileSystem(Path image, long offset, String size, Path tree) throws Exception {
        Ext2Tools.run(
                "mke2fs", "-q", "-t", "ext4", "-E", "offset=" + offset, "-d", tree.toString(), image.toString(), size);
    }

    private static List<String> extracted(DiskReader reader, Path target) throws Exception {
        try (DiskReader disk = reader) {
            assertThat(disk.copyTo(target).skipped()).isEmpty();
        }
        return describe(target);
    }

    private static List<String> describe(Path top) throws IOException {
        TreeMap<String, String> all = new TreeMap<>();
        try (var paths = Files.walk(top)) {
            for (Path path : paths.filter(each -> !each.equals(top) && !each.endsWith("lost+found"))
                    .toList()) {
                all.put(
                        top.relativize(path).toString(),
                        Files.isSymbolicLink(path)
                                ? Files.readSymbolicLink(path).toString()
                                : Files.isDirectory(path) ? "" : Arrays.hashCode(Files.readAllBytes(path)) + "");
            }
        }
        return all.entrySet().stream().map(Object::toString).toList();
    }

    private Path qcow2(String... options) throws Exception {
        Path image = dir.resolve("disk.qcow2");
        List<String> words = new ArrayList<>(List.of("convert", "-f", "raw", "-O", "qcow2"));
        words.addAll(List.of(options));
        words.addAll(List.of(gpt.toString(), image.toString()));
        Ext2Tools.run("qemu-img", words.toArray(String[]::new));
        return image;
    }

    @Test
    void listsWhatSfdiskMakes() throws Exception {
        assertThat(DiskImage.of(gpt).partitions())
                .extracting(p -> p.number() + " " + p.type() + " " + p.start() + " " + p.size() + " " + p.readable())
                .containsExactly(
                        "1 EFI system 1048576 2M false", "2 Linux 3145728 48M true", "3 Linux swap 53477376 4M false");
        Path mbr = disk(
                dir.resolve("mbr.img"),
                "label: dos\nsize=1M, type=83\nsize=20M, type=5\nsize=5M, type=82\n,,83\nsize=3M, type=83\nsize=6M, type=83\n");
        List<Partition> partitions = DiskImage.of(mbr).partitions();
        assertThat(partitions).extracting(Partition::number).containsExactly(1, 3, 4, 5, 6);
        String said = Ext2Tools.run("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin sfdisk -d \"$1\"", "sh", mbr.toString());
        for (Partition each : partitions) {
            assertThat(said.replaceAll(" +", " "))
                    .contains("mbr.img" + each.number() + " : start= " + each.start() / 512 + ", size= "
                            + each.size().bytes() / 512 + ",");
        }
        Path small = Files.createDirectories(dir.resolve("small"));
        Files.writeString(small.resolve("hello"), "logical");
        fileSystem(mbr, partitions.get(4).start(), "6M", small);
        try (DiskReader disk = DiskImage.of(mbr).files()) {
            assertThat(disk.open("/hello").readAllBytes()).asString().isEqualTo("logical");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-o cluster_size=512",
                "-o cluster_size=4k",
                "-o compat=0.10",
                "-o compat=0.10,cluster_size=2M",
                "-o cluster_size=2M",
                "-c",
                "-c -o cluster_size=1k",
                "-c -o compat=0.10,cluster_size=512",
                "-c -o cluster_size=2M",
                "-o preallocation=metadata",
                "-o preallocation=falloc,lazy_refcounts=on",
                "-S 0"
            })
    void readsWhatQemuMakes(String options) throws Exception {
        Path image = qcow2(options.split(" "));
        try (BlockSource expected = new FileSource(gpt);
                BlockSource actual = Qcow2Image.open(new FileSource(image))) {
            assertThat(actual.size()).isEqualTo(expected.size());
            for (long at = 0; at < expected.size(); at += MEBIBYTE) {
                int length = (int) Math.min(MEBIBYTE, expected.size() - at);
                assertThat(Arrays.equals(actual.read(at, length), expected.read(at, length)))
                        .as("what is at %s", at)
                        .isTrue();
            }
        }
        try (BlockSource file = new FileSource(image)) {
            Qcow2Image.check(file);
        }
    }

    @Test
    void theFilesComeOutOfACompressedImageToo() throws Exception {
        assertThat(extracted(DiskImage.of(qcow2("-c")).files(), dir.resolve("out")))
                .isEqualTo(listing);
    }

    @Test
    void readsWhatWasWrittenAndDiscardedAndKeptInSnapshots() throws Exception {
        Path image = qcow2("-c");
        Ext2Tools.run("qemu-img", "snapshot", "-c", "before", image.toString());
        Ext2Tools.run(
                "qemu-io",
                "-d",
                "unmap",
                "-c",
                "write -P 0x41 60M 512",
                "-c",
                "write -P 0x42 100k 1",
                "-c",
                "write -z 10M 300k",
                "-c",
                "discard 20M 1M",
                "-c",
                "write -P 0x43 30000000 70001",
                image.toString());
        Path raw = dir.resolve("raw.img");
        Ext2Tools.run("qemu-img", "convert", "-O", "raw", image.toString(), raw.toString());
        try (BlockSource actual = Qcow2Image.open(new FileSource(image))) {
            assertThat(Arrays.equals(actual.read(0, (int) actual.size()), Files.readAllBytes(raw)))
                    .isTrue();
        }
    }

    @Test
    void refusesWhatCannotBeReadByName() throws Exception {
        assertRefused(qcow2("-o", "extended_l2=on"), "extended L2 entries");
        assertRefused(qcow2("-c", "-o", "compression_type=zstd"), "zstd");
        assertRefused(
                qcow2("-o", "data_file=" + dir.resolve("data"), "-o", "data_file_raw=on"),
                "its data is in another file");
        Path base = qcow2();
        Path overlay = dir.resolve("overlay.qcow2");
        Ext2Tools.run(
                "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base.toString(), overlay.toString());
        assertRefused(overlay, "builds on a backing file");
        // By hand: qemu-img first measures how fast this host encrypts, and gives up where the clock of processor time
        // is coarse.
        Path secret = Files.copy(base, dir.resolve("secret.qcow2"));
        try (FileChannel header = FileChannel.open(secret, StandardOpenOption.WRITE)) {
            header.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, 2), 32); // LUKS; docs/interop/qcow2.txt
        }
        assertRefused(secret, "encrypted");
    }

    private static void assertRefused(Path image, String why) {
        assertThatThrownBy(() -> new DiskImage(image, ImageFormat.QCOW2).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("qemu-img convert");
    }

    @Test
    void aJournalThatNeedsRecoveryIsSaidSo() throws Exception {
        Path image = Files.copy(gpt, dir.resolve("dirty.img"));
        Ext2Tools.run("debugfs", "-w", "-R", "feature needs_recovery", image + "?offset=" + 3 * MEBIBYTE);
        try (DiskReader disk = DiskImage.of(image).files()) {
            assertThat(disk.info().state()).isEqualTo(FileSystemInfo.State.JOURNAL_NOT_REPLAYED);
        }
    }
}
