package dev.construir.command.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.disk.compress.CompressedImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.XZInputStream;

class DiskFilesTest {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir
    Path directory;

    /** Data, a megabyte and more of zeros, data that compresses, a tail of no round size. */
    private byte[] disk() {
        byte[] disk = new byte[7 * MEBIBYTE + 12345];
        byte[] noise = new byte[MEBIBYTE + 77];
        new Random(3).nextBytes(noise);
        System.arraycopy(noise, 0, disk, 0, noise.length);
        disk[5 * MEBIBYTE + 1] = 42;
        disk[disk.length - 1] = 1;
        return disk;
    }

    @Test
    void packsAndUnpacks() throws Exception {
        Path plain = Files.write(directory.resolve("disk.img"), disk());
        Path packed = directory.resolve("disk.img.xz");
        DiskFiles.pack(plain, packed);
        assertThat(Files.size(packed)).isBetween((long) MEBIBYTE, MEBIBYTE + 20_000L);
        Path unpacked = directory.resolve("again.img");
        CompressedImage.unpack(packed, unpacked);
        assertThat(unpacked).hasSameBinaryContentAs(plain);
    }

    @Test
    void anEmptyDiskStaysAValidFile() throws Exception {
        Path packed = directory.resolve("empty.xz");
        DiskFiles.pack(Files.write(directory.resolve("zeros"), new byte[3 * MEBIBYTE]), packed);
        try (XZInputStream in = new XZInputStream(Files.newInputStream(packed))) {
            assertThat(in.readAllBytes()).isEqualTo(new byte[3 * MEBIBYTE]);
        }
    }

    @Test
    void overwritesNothingAndLeavesNothingHalfDone() throws Exception {
        Path plain = Files.write(directory.resolve("disk.img"), new byte[10]);
        Path taken = Files.writeString(directory.resolve("taken.xz"), "mine");
        assertThatThrownBy(() -> DiskFiles.pack(plain, taken)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(taken).hasContent("mine");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactlyInAnyOrder(plain, taken);
        }
    }

    @Test
    void anInterruptEndsPacking() throws Exception {
        Path plain = Files.write(directory.resolve("disk.img"), disk());
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> DiskFiles.pack(plain, directory.resolve("disk.img.xz")))
                .isInstanceOf(InterruptedException.class);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(plain);
        }
    }

    @Test
    void refusesWhatIsNotCompressed() throws Exception {
        Path wrong = Files.write(directory.resolve("disk.img.xz"), new byte[1000]);
        assertThatThrownBy(() -> CompressedImage.unpack(wrong, directory.resolve("out")))
                .isInstanceOf(IOException.class);
        assertThat(directory.resolve("out")).doesNotExist();
    }
}
