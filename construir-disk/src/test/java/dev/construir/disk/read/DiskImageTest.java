package dev.construir.disk.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.disk.Partition;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.write.Images;
import dev.construir.partition.Partitioned;
import dev.construir.qcow2.Qcow2Maker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskImageTest {
    @TempDir
    Path dir;

    private byte[] fileSystem(String content) throws IOException {
        Path image = Images.create(dir.resolve(content + ".ext"), "128K", disk -> Images.file(disk, "which", content));
        byte[] bytes = Files.readAllBytes(image);
        Files.delete(image);
        return bytes;
    }

    private static Partitioned table() {
        return new Partitioned(2000).gpt(40, 99, 100, 355, 1000, 1255);
    }

    private Path write(String name, byte[] disk) throws IOException {
        return name.endsWith(".qcow2")
                ? new Qcow2Maker().clusterBits(9).compressed().make(dir.resolve(name), disk)
                : Files.write(dir.resolve(name), disk);
    }

    private static String which(DiskReader opened) throws IOException {
        try (DiskReader disk = opened) {
            return new String(disk.open("/which").readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk.img", "disk.QCOW2.qcow2", "disk.qcow2"})
    void readsTheOnlyFileSystem(String name) throws Exception {
        Path file = write(name, table().put(1000, fileSystem("third")).bytes());
        DiskImage image = DiskImage.of(file);
        assertThat(image.partitions())
                .containsExactly(
                        new Partition(1, "Linux", 40 * 512, DataSize.ofKibibytes(30), Optional.empty(), false),
                        new Partition(2, "Linux", 100 * 512, DataSize.ofKibibytes(128), Optional.empty(), false),
                        new Partition(3, "Linux", 1000 * 512, DataSize.ofKibibytes(128), Optional.of("ext2"), true));
        assertThat(which(image.files())).isEqualTo("third");
        assertThat(which(image.files(3))).isEqualTo("third");
        assertThatThrownBy(() -> image.files(2))
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("magic number is missing");
        assertThatThrownBy(() -> image.files(4))
                .isInstanceOf(DiskFormatException.class)
                .hasMessage("there is no partition 4; there are: "
                        + "1 (Linux, 30K), 2 (Linux, 128K), 3 (Linux, 128K, with files)");
    }

    @Test
    void whatAPartitionHoldsIsNamed() throws Exception {
        byte[] swap = new byte[8192];
        System.arraycopy("SWAPSPACE2".getBytes(StandardCharsets.US_ASCII), 0, swap, 4086, 10);
        byte[] luks = new byte[512];
        System.arraycopy(new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe}, 0, luks, 0, 6);
        DiskImage image = DiskImage.of(write(
                "disk.img",
                table().put(40, luks)
                        .put(100, swap)
                        .put(1000, fileSystem("third"))
                        .bytes()));
        assertThat(image.partitions().stream().map(Partition::content))
                .containsExactly(Optional.of("luks"), Optional.of("swap"), Optional.of("ext2"));
        assertThat(image.partitions().stream().map(Partition::readable)).containsExactly(false, false, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"disk.img", "disk.qcow2"})
    void ofSeveralOneMustBeNamed(String name) throws Exception {
        DiskImage image = DiskImage.of(write(
                name,
                table().put(100, fileSystem("second"))
                        .put(1000, fileSystem("third"))
                        .bytes()));
        assertThat(which(image.files(2))).isEqualTo("second");
        assertThat(which(image.files(3))).isEqualTo("third");
        assertThatThrownBy(image::files)
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("say which one; there are: 1 (Linux, 30K), 2 (Linux, 128K, with files), 3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt.img", "gpt.qcow2", "mbr.img", "mbr.qcow2"})
    void disksOfLargeSectorsAreRead(String name) throws Exception {
        Partitioned disk = new Partitioned(400, 4096).put(100, fileSystem("large"));
        disk = name.startsWith("gpt") ? disk.gpt(100, 299) : disk.mbr(0, 0, 0x83, 100, 200);
        Path file = write(name, disk.bytes());
        Path packed = dir.resolve(name + ".xz");
        CompressedImage.write(file, packed, CompressOptions.DEFAULT);
        for (Path each : new Path[] {file, packed}) {
            assertThat(DiskImage.of(each).partitions())
                    .containsExactly(new Partition(
                            1, "Linux", 100 * 4096, DataSize.ofKibibytes(800), Optional.of("ext2"), true));
            assertThat(which(DiskImage.of(each).files())).isEqualTo("large");
            assertThat(which(DiskImage.of(each).files(1))).isEqualTo("large");
        }
    }

    @Test
    void aFileSystemMayFillTheDisk() throws Exception {
        Path raw = write("disk.img", fileSystem("whole"));
        assertThat(which(DiskImage.of(raw).files())).isEqualTo("whole");
        assertThat(DiskImage.of(raw).partitions()).isEmpty();
        assertThat(which(DiskImage.of(write("disk.qcow2", fileSystem("inside"))).files()))
                .isEqualTo("inside");
        assertThatThrownBy(() -> DiskImage.of(raw).files(1))
                .isInstanceOf(DiskFormatException.class)
                .hasMessage("there are no partitions, one file system fills the disk; "
                        + "read it without naming a partition");
    }

    @Test
    void aFileSystemComesBeforeATable() throws Exception {
        byte[] disk = table().put(100, fileSystem("partition")).bytes();
        byte[] whole = fileSystem("whole");
        System.arraycopy(whole, 1024, disk, 1024, whole.length - 1024);
        Partitioned both = new Partitioned(2000).put(0, disk).mbr(0, 0, 0x83, 1000, 256);
        DiskImage image = DiskImage.of(
                write("disk.img", both.put(1000, fileSystem("second")).bytes()));
        assertThat(which(image.files())).isEqualTo("whole");
        assertThat(which(image.files(1))).isEqualTo("second"); // as when the table came later, and left the rest
    }

    @Test
    void theFormatIsTheDeclaredOne() throws Exception {
        Path file = write("disk.qcow2", fileSystem("inside"));
        assertThat(which(new DiskImage(file, ImageFormat.QCOW2).files())).isEqualTo("inside");
        assertThatThrownBy(() -> new DiskImage(file, ImageFormat.RAW).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("it is a qcow2 image; declare it as qcow2");
        Path raw = write("disk.img", fileSystem("inside"));
        assertThatThrownBy(() -> new DiskImage(raw, ImageFormat.QCOW2).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("does not start like one; if it is a raw image");
    }

    @Test
    void whatHasNoFilesIsRefused() throws Exception {
        assertThatThrownBy(() -> DiskImage.of(write("empty.img", new byte[0])).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("no ext2, ext3 or ext4 file system fills the disk")
                .hasMessageContaining("only 0 bytes");
        assertThatThrownBy(
                        () -> DiskImage.of(write("none.img", table().bytes())).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageStartingWith(
                        "no partition has an ext2, ext3 or ext4 file system; there are: 1 (Linux, 30K), 2");
        assertThatThrownBy(() -> DiskImage.of(
                                write("bare.img", new Partitioned(100).gpt().bytes()))
                        .files())
                .hasMessageEndingWith("the partition table is empty");
        assertThatThrownBy(() -> DiskImage.of(dir.resolve("missing.img")).files())
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("no disk image: there is no such file or directory");
        assertThatThrownBy(() -> DiskImage.of(dir).partitions())
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("no disk image: it is ");
    }

    @Test
    void aPartitionThatIsTooSmallForItsFileSystemIsRefused() throws Exception {
        byte[] disk =
                new Partitioned(2000).gpt(100, 300).put(100, fileSystem("cut")).bytes();
        assertThatThrownBy(() -> DiskImage.of(write("disk.img", disk)).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessageContaining("a file system of 131072 bytes, on a disk of only 102912");
    }
}
