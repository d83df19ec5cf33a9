package dev.construir.disk.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.block.FileInput;
import dev.construir.block.FileSource;
import dev.construir.disk.Attributes;
import dev.construir.disk.SparseCopy;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskImage;
import dev.construir.disk.read.DiskReader;
import dev.construir.host.Holes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holes of the host's files are passed by, and change nothing about what is written. */
class HolesTest {
    private static final long MIB = 1 << 20;
    private static final long TIB = 1L << 40;

    @TempDir
    Path dir;

    /** Creates a file with pieces of random bytes at places. */
    private Path sparse(String name, long size, long... places) throws IOException {
        Path file = dir.resolve(name);
        Random random = new Random(42);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            for (long place : places) {
                byte[] bytes = new byte[3 + random.nextInt(100_000)];
                random.nextBytes(bytes);
                out.seek(place);
                out.write(bytes);
            }
            out.setLength(size);
        }
        return file;
    }

    private Path pack(String name, Path file, InputStream content) throws IOException {
        Path image = dir.resolve(name);
        JobDisk.create(
                image,
                DiskOptions.of(DataSize.ofMebibytes(64)),
                disk -> disk.file("f", Attributes.ofRoot(0644, Instant.EPOCH), Files.size(file), content));
        return image;
    }

    /**
     * Pieces around all borders of indirect blocks, of one, two and three levels: 12, 1,036 and 1,049,612 blocks of 4
     * KiB.
     */
    @Test
    void aPackedFileIsTheSameWhetherItsHolesAreKnownOrRead() throws IOException {
        for (long[] places : new long[][] {
            {},
            {0},
            {47 * 1024, 300 * 1024},
            {4 * MIB + 47_000, 9 * MIB, 40 * MIB},
            {3 * MIB, 4096L * 1036 - 10, 4096L * 1036 + 2 * MIB},
            {4096L * 1_049_612 - 5},
            {5 * MIB, 4096L * 1_049_612 + 4096L * 1024 * 3},
            {4096L * 1_049_612 + 4096L * 1024 * 1024 - 3}
        }) {
            long end = places.length == 0 ? 17 * MIB : places[places.length - 1] + 12 * MIB + 7;
            Path file = sparse("f", end, places);
            Path passed;
            Path read;
            try (InputStream in = FileInput.open(file)) {
                passed = pack("passed.img", file, in);
            }
            try (InputStream in = Files.newInputStream(file)) {
                read = pack("read.img", file, in);
            }
            assertThat(Files.mismatch(passed, read)).as("%s", (Object) places).isEqualTo(-1);
            Files.delete(passed);
            Files.delete(read);
            Files.delete(file);
        }
    }

    /** Reading these would take minutes. */
    @Test
    void aTebibyteOfHolesIsPackedReadAndCopied() throws IOException {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Path file = tree.resolve("big");
        Files.move(sparse("big", TIB, TIB / 4), file);
        Path image = Images.create(dir.resolve("d.img"), "64M", disk -> disk.tree("/", tree));
        try (DiskReader disk = DiskReader.open(image)) {
            assertThat(disk.find("/big").orElseThrow().size()).isEqualTo(TIB);
        }
        Path copy = dir.resolve("copy");
        SparseCopy.copy(file, copy);
        assertThat(Files.size(copy)).isEqualTo(TIB);
        try (RandomAccessFile a = new RandomAccessFile(file.toFile(), "r");
                RandomAccessFile b = new RandomAccessFile(copy.toFile(), "r")) {
            byte[] wanted = new byte[100_003];
            byte[] got = new byte[100_003];
            a.seek(TIB / 4);
            a.readFully(wanted);
            b.seek(TIB / 4);
            b.readFully(got);
            assertThat(got).isEqualTo(wanted);
        }
        try (FileSource source = new FileSource(file)) {
            assertThat(source.isZero(0, 1 << 30)).isTrue();
            assertThat(source.isZero(TIB / 4 - (1 << 20), 1 << 20)).isTrue();
            assertThat(source.isZero(TIB / 4 - (1 << 20), (1 << 20) + 1)).isFalse();
            assertThat(source.isZero(TIB / 4, 1)).isFalse();
            assertThat(source.isZero(TIB - (1 << 20), 1 << 20)).isTrue();
            assertThat(source.dataLength(TIB / 4 - (1 << 20), 1 << 20)).isZero();
            assertThat(source.dataLength(TIB / 4 - 4096, 1 << 20)).isBetween(4096 + 1, 4096 + (128 << 10));
            assertThat(source.dataLength(TIB / 4 - 4096, 4096 + 10)).isEqualTo(4096 + 10);
        }
    }

    /** Its groups begin with bitmaps, 8,192 times: only these are read, and compressed once. */
    @Test
    void theDiskOfATebibyteIsCopiedAndCompressed() throws Exception {
        Path image = dir.resolve("d.img");
        JobDisk.create(
                image,
                DiskOptions.of(DataSize.ofGibibytes(1024)),
                disk -> disk.file(
                        "f", Attributes.ofRoot(0644, Instant.EPOCH), 3, new ByteArrayInputStream(new byte[] {1, 2, 3
                        })));
        Path copy = dir.resolve("copy.img");
        SparseCopy.copy(image, copy);
        Path packed = dir.resolve("copy.img.xz");
        CompressedImage.write(copy, packed, CompressOptions.DEFAULT);

        for (Path each : List.of(copy, packed)) {
            try (DiskReader disk = DiskImage.of(each).files();
                    InputStream file = disk.open("/f")) {
                assertThat(file.readAllBytes()).containsExactly(1, 2, 3);
            }
        }
    }

    @Test
    void aFileThatTookTheNameOfAnotherIsNotAsked() throws IOException {
        Path file = sparse("f", 8 * MIB, 0);
        Object key = Holes.key(file);
        Files.move(sparse("other", 8 * MIB, 7 * MIB), file, StandardCopyOption.REPLACE_EXISTING);
        try (Holes holes = new Holes(file, key)) {
            assertThat(holes.nextData(2 * MIB)).isEqualTo(2 * MIB);
        }
        try (Holes holes = new Holes(file, Holes.key(file))) {
            assertThat(holes.nextData(2 * MIB)).isEqualTo(7 * MIB);
            assertThat(holes.isKnown(3 * MIB, 4 * MIB)).isTrue();
            assertThat(holes.isKnown(3 * MIB, 4 * MIB + 1)).isFalse();
            assertThat(holes.nextData(7 * MIB + 1)).isEqualTo(7 * MIB + 1);
        }
        try (Holes unknown = new Holes(file, null)) {
            assertThat(unknown.nextData(0)).isZero();
        }
    }

    @Test
    void zerosThatTakeRoomAreReadAsAnyData() throws IOException {
        Path file = Files.write(dir.resolve("zeros"), new byte[5 << 20]);
        Path copy = dir.resolve("copy");
        SparseCopy.copy(file, copy);
        assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
    }
}
