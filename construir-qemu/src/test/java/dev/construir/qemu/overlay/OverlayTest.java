package dev.construir.qemu.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayTest {
    @TempDir
    Path directory;

    @Test
    void takesTheSizeOfARawBase() throws Exception {
        Path base = Files.write(directory.resolve("base"), new byte[1000]);
        Overlay overlay = Overlay.create(directory.resolve("overlay"), Disk.copyOnWrite(base, Disk.Format.RAW));
        assertThat(Qcow2Header.read(overlay.file())).isEqualTo(new Qcow2Header(3, 0, 1024, 0, 0)); // whole sectors
        assertThat(Files.size(overlay.file())).isEqualTo(4 * 65_536);
        overlay.unlink();
        overlay.unlink();
        assertThat(overlay.file()).doesNotExist();
    }

    @Test
    void takesTheSizeOfAQcow2Base() throws Exception {
        Path base = directory.resolve("base");
        Qcow2Overlay.create(base, 20L << 40); // more first-level entries than a cluster holds
        Overlay overlay = Overlay.create(directory.resolve("overlay"), Disk.copyOnWrite(base, Disk.Format.QCOW2));
        assertThat(Qcow2Header.read(overlay.file()).virtualSize()).isEqualTo(20L << 40);
    }

    @Test
    void refusesWhatLeadsToOtherFilesOrCannotBeRead() throws Exception {
        assertRefused(8, 4096, "backing file");
        assertRefused(32, 2L << 32, "encrypted");
        assertRefused(72, 1 << 2, "in another file");
        assertRefused(72, 1 << 1, "corrupt");
        assertRefused(72, 1L << 40, "unknown here, 0x10000000000");
        assertRefused(24, 0, "no size");
        assertRefused(0, 0x514649fb_00000004L, "version is 4");
        assertRefused(0, 0, "does not start like one");
    }

    @Test
    void readsWhatIsHarmless() throws Exception {
        Path base = patched(72, 1 | 1 << 3 | 1 << 4); // dirty, another compression, subclusters
        assertThat(Qcow2Header.read(base).virtualSize()).isEqualTo(1 << 20);
    }

    @Test
    void refusesAFileThatIsNoImage() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(empty, Disk.Format.RAW)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(directory, Disk.Format.RAW)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("is no regular file");
        Path text = Files.writeString(directory.resolve("text"), "hello");
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(text, Disk.Format.QCOW2)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("does not start like one");
    }

    @Test
    void refusesAnImageThatWasCutShort() throws Exception {
        for (int length : new int[] {5, 80, 104, 70_000, 3 * 65_536}) {
            Path base = directory.resolve("cut-" + length);
            Qcow2Overlay.create(base, 1 << 20);
            byte[] bytes = Arrays.copyOf(Files.readAllBytes(base), length);
            Files.write(base, bytes);
            assertThatThrownBy(() -> Qcow2Header.read(base))
                    .isInstanceOf(HypervisorException.class)
                    .hasMessageContaining(base.toString())
                    .hasMessageContaining("cut short: it has " + length + " bytes");
        }
        assertRefused(16, 40L, "header is damaged"); // cluster bits are the second half
        assertRefused(48, -1L, "cut short");
        assertRefused(56, -1L, "header is damaged");
        assertRefused(96, 99L << 32 | 104, "header is damaged");
    }

    @Test
    void refusesWhatIsTakenForRawByMistake() throws Exception {
        Path qcow2 = directory.resolve("root.img");
        Qcow2Overlay.create(qcow2, 1 << 20);
        assertNotRaw(qcow2, "a qcow2 image; declare it as qcow2");
        assertNotRaw(starting("KDMV"), "a VMDK image; convert it");
        assertNotRaw(starting("\u00fd7zXZ\0"), "compressed by xz; unpack it with xz -d");
        assertNotRaw(starting("\u001f\u008b\b"), "compressed by gzip");
        // What a guest wrote to is never told by its bytes.
        assertThat(Overlay.virtualSize(Disk.writable(qcow2, "job"))).isEqualTo(Files.size(qcow2));
    }

    private Path starting(String latin1) throws IOException {
        byte[] start = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return Files.write(directory.resolve("other.img"), Arrays.copyOf(start, 4096));
    }

    private static void assertNotRaw(Path image, String what) {
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(image, Disk.Format.RAW)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(image + " is declared raw, and it is " + what);
    }

    private void assertRefused(int offset, long value, String why) throws IOException {
        Path base = patched(offset, value);
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(base, Disk.Format.QCOW2)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(base.toString())
                .hasMessageContaining(why);
    }

    private Path patched(int offset, long value) throws IOException {
        Path base = directory.resolve("patched-" + offset + "-" + value);
        Qcow2Overlay.create(base, 1 << 20);
        byte[] bytes = Files.readAllBytes(base);
        ByteBuffer.wrap(bytes).putLong(offset, value);
        return Files.write(base, bytes);
    }
}
