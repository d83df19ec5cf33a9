package dev.construir.disk.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.NotSeekableException;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.write.Images;
import dev.construir.partition.Partitioned;
import dev.construir.qcow2.Qcow2Maker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

class CompressedImageTest {
    private static final CompressOptions SMALL_BLOCKS =
            CompressOptions.DEFAULT.withPreset(0).withBlockSize(DataSize.ofKibibytes(64));

    @TempDir
    Path dir;

    private byte[] fileSystem() throws IOException {
        Path image = Images.create(dir.resolve("made.ext"), "256K", disk -> {
            Images.file(disk, "which", "this");
            Images.file(disk, "large", "0123456789".repeat(5000));
        });
        byte[] bytes = Files.readAllBytes(image);
        Files.delete(image);
        return bytes;
    }

    private Path packed(String name, byte[] disk) throws Exception {
        Path plain = Files.write(dir.resolve("plain"), disk);
        Path target = dir.resolve(name);
        CompressedImage.write(plain, target, SMALL_BLOCKS);
        Files.delete(plain);
        return target;
    }

    private static void assertReads(DiskReader opened) throws IOException {
        try (DiskReader disk = opened) {
            assertThat(disk.open("/which").readAllBytes()).isEqualTo("this".getBytes(StandardCharsets.UTF_8));
            assertThat(disk.open("/large").readAllBytes()).hasSize(50_000).endsWith('7', '8', '9');
        }
    }

    @Test
    void whatIsCompressedIsReadByItsName() throws Exception {
        byte[] whole = fileSystem();
        byte[] disk =
                new Partitioned(2000).gpt(40, 99, 1000, 1511).put(1000, whole).bytes();
        assertReads(DiskReader.open(packed("whole.img.xz", whole)));
        assertReads(DiskReader.open(packed("whole.xz", whole)));
        assertReads(DiskImage.of(packed("disk.raw.XZ", disk)).files());
        assertReads(DiskImage.of(packed("disk.img.xz", disk)).files(2));
        Qcow2Maker qcow2 = new Qcow2Maker().clusterBits(12).compressed();
        Path inside = packed("disk.qcow2.xz", qcow2.make(disk));
        assertThat(DiskImage.of(inside).format()).isEqualTo(ImageFormat.QCOW2);
        assertThat(DiskImage.of(inside).partitions()).hasSize(2);
        assertReads(DiskImage.of(inside).files());
        assertReads(DiskReader.open(packed("whole.qcow2.xz", qcow2.make(whole))));
    }

    @Test
    void theCompressionIsTheDeclaredOne() throws Exception {
        byte[] whole = fileSystem();
        Path hidden = packed("disk.img", whole);
        assertThatThrownBy(() -> DiskImage.of(hidden).files()).isInstanceOf(DiskFormatException.class);
        assertReads(new DiskImage(hidden, ImageFormat.RAW, DiskImage.Compression.XZ, ReadLimits.DEFAULT).files());
        Path plain = Files.write(dir.resolve("disk.img.xz"), whole);
        assertThatThrownBy(() -> DiskImage.of(plain).files())
                .isInstanceOf(DiskFormatException.class)
                .hasMessage("it does not start as an .xz file does; if it is not compressed, it must not be named .xz");
    }

    @Test
    void limitsGoWithTheImage() throws Exception {
        DiskImage image = DiskImage.of(packed("disk.img.xz", fileSystem()));
        DiskImage limited = image.withLimits(ReadLimits.DEFAULT.withBytes(DataSize.ofKibibytes(10)));
        assertThat(limited).isNotEqualTo(image);
        try (DiskReader disk = limited.files()) {
            assertThat(disk.open("/which").readAllBytes()).hasSize(4);
            assertThatThrownBy(() -> disk.open("/large"))
                    .isInstanceOf(DiskFormatException.class)
                    .hasMessageContaining("the limit is 10K");
        }
    }

    @Test
    void whatIsOneLargeBlockMustBeUnpackedFirst() throws Exception {
        Path file = dir.resolve("disk.img.xz");
        try (OutputStream out = Files.newOutputStream(file);
                XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(0))) {
            xz.write(new byte[29 << 20]);
        }
        assertThatThrownBy(() -> DiskImage.of(file).files())
                .isInstanceOf(NotSeekableException.class)
                .hasMessageContaining("a block of 30408704 bytes")
                .hasMessageContaining("28M is the most");
    }

    @Test
    void zerosTakeNoRoom() throws Exception {
        byte[] disk = new byte[(3 << 20) + 5];
        disk[1 << 20] = 1;
        Path plain = Files.write(dir.resolve("plain"), disk);
        Path file = dir.resolve("disk.xz");
        CompressedImage.write(plain, file, CompressOptions.DEFAULT);
        assertThat(Files.size(file)).isLessThan(1000);
        try (XZInputStream in = new XZInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            assertThat(Arrays.equals(in.readAllBytes(), disk)).isTrue();
        }
        Path nothing = dir.resolve("nothing.xz");
        CompressedImage.write(Files.createFile(dir.resolve("empty")), nothing, CompressOptions.DEFAULT);
        try (XZInputStream in = new XZInputStream(Files.newInputStream(nothing))) {
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void nothingIsOverwrittenOrLeftHalfDone() throws Exception {
        Path plain = Files.write(dir.resolve("plain"), new byte[100]);
        Path taken = Files.writeString(dir.resolve("taken.xz"), "mine");
        assertThatThrownBy(() -> CompressedImage.write(plain, taken, SMALL_BLOCKS))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(taken).hasContent("mine");
        Path target = dir.resolve("target.xz");
        assertThatThrownBy(() -> CompressedImage.write(dir.resolve("missing"), target, SMALL_BLOCKS))
                .isInstanceOf(IOException.class);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> CompressedImage.write(plain, target, SMALL_BLOCKS))
                .isInstanceOf(InterruptedException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void optionsHaveRangesAndTellTheirMemory() {
        assertThat(CompressOptions.DEFAULT.memory()).isBetween(DataSize.ofMebibytes(5), DataSize.ofGibibytes(4));
        assertThatThrownBy(() -> CompressOptions.DEFAULT.withPreset(10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from 0 to 9");
        for (String size : new String[] {"63K", "17M"}) {
            assertThatThrownBy(() -> CompressOptions.DEFAULT.withBlockSize(DataSize.parse(size)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("64K to 16M of a disk, and not " + size);
        }
    }
}
