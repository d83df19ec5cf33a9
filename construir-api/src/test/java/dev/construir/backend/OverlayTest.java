package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ImageFormat;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverlayTest {
    @TempDir
    Path directory;

    @Test
    void takesTheSizeOfARawBase() throws Exception {
        Path base = Files.write(directory.resolve("base"), new byte[1000]);
        Overlay overlay = Overlay.create(directory.resolve("overlay"), Disk.copyOnWrite(base, ImageFormat.RAW));
        assertThat(size(overlay.file())).isEqualTo(1024); // whole sectors
        assertThat(Files.size(overlay.file())).isEqualTo(4 * 65_536);
        overlay.unlink();
        overlay.unlink();
        assertThat(overlay.file()).doesNotExist();
    }

    @Test
    void takesTheSizeOfAQcow2Base() throws Exception {
        Path base = directory.resolve("base");
        Qcow2Overlay.create(base, 20L << 40); // more first-level entries than a cluster holds
        Overlay overlay = Overlay.create(directory.resolve("overlay"), Disk.copyOnWrite(base, ImageFormat.QCOW2));
        assertThat(size(overlay.file())).isEqualTo(20L << 40);
    }

    @Test
    void refusesWhatLeadsToOtherFilesOrCannotBeRead() throws Exception {
        assertRefused(8, 4096, "backing file");
        assertRefused(72, 1 << 2, "in another file");
        assertRefused(0, 0, "does not start like one");
    }

    @Test
    void readsWhatIsHarmless() throws Exception {
        assertThat(size(patched(72, 1 | 1 << 4))).isEqualTo(1 << 20); // dirty, subclusters
    }

    @Test
    void refusesAFileThatIsNoImage() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(empty, ImageFormat.RAW)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("is empty");
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(directory, ImageFormat.RAW)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("it is a directory");
        assertThatThrownBy(() -> Overlay.virtualSize(Disk.copyOnWrite(directory.resolve("none"), ImageFormat.RAW)))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("there is no such file or directory");
        Path text = Files.writeString(directory.resolve("text"), "hello");
        assertThatThrownBy(() -> size(text))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("does not start like one");
    }

    private static long size(Path image) throws Exception {
        return Overlay.virtualSize(Disk.copyOnWrite(image, ImageFormat.QCOW2));
    }

    private void assertRefused(int offset, long value, String why) throws IOException {
        Path base = patched(offset, value);
        assertThatThrownBy(() -> size(base))
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
