package dev.construir.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.ImageFormat;
import dev.construir.machine.Architecture;
import dev.construir.machine.Boot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootDigestTest {
    @TempDir
    Path directory;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private static RootImage image(String name, Path disk, Boot boot) {
        return new RootImage(name, disk, ImageFormat.RAW, Architecture.X86_64, boot);
    }

    @Test
    void digest_isThatOfTheBytes() throws Exception {
        Boot boot = new Boot.Kernel(file("kernel", "k"), file("initrd", "i"), "console=ttyS0");
        RootImage root = image("one", file("disk", "d"), boot);
        String digest = root.digest();
        assertThat(digest).matches("[0-9a-f]{64}");
        Boot moved = new Boot.Kernel(file("kernel2", "k"), file("initrd2", "i"), "console=ttyS0");
        assertThat(image("two", file("disk2", "d"), moved).digest()).isEqualTo(digest);
    }

    @Test
    void digest_dependsOnDiskKernelAndCommandLine() throws Exception {
        Path disk = file("disk", "d");
        Path kernel = file("kernel", "k");
        Path initrd = file("initrd", "i");
        RootImage root = image("one", disk, new Boot.Kernel(kernel, initrd, "quiet"));
        assertThat(new String[] {
                    root.digest(),
                    image("one", file("other", "e"), root.boot()).digest(),
                    image("one", disk, new Boot.Firmware()).digest(),
                    image("one", disk, new Boot.Kernel(initrd, kernel, "quiet")).digest(),
                    image("one", disk, new Boot.Kernel(kernel, initrd, "")).digest(),
                    new RootImage("one", disk, ImageFormat.QCOW2, Architecture.X86_64, root.boot()).digest(),
                    new RootImage("one", disk, ImageFormat.RAW, Architecture.AARCH64, root.boot()).digest()
                })
                .doesNotHaveDuplicates();
    }

    @Test
    void missingFile_isNamed() {
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> image("one", missing, new Boot.Firmware()).digest())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the root image has no digest: " + missing);
    }
}
