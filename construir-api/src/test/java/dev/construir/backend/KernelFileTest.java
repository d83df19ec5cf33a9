package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelFileTest {
    @TempDir
    Path directory;

    private Path file(int offset, String mark) throws Exception {
        byte[] bytes = new byte[4096];
        byte[] at = mark.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(at, 0, bytes, offset, at.length);
        return Files.write(directory.resolve("vmlinuz"), bytes);
    }

    @Test
    void takesWhatStartsLikeAKernel() throws Exception {
        assertTaken(Architecture.X86_64, file(0x202, "HdrS"));
        assertTaken(Architecture.X86_64, file(0, "\u007fELF"));
        assertTaken(Architecture.AARCH64, file(56, "ARMd"));
        assertTaken(Architecture.AARCH64, file(0, "\u001f\u008b"));
        assertTaken(Architecture.AARCH64, file(4, "zimg"));
    }

    @Test
    void refusesWhatDoesNot() throws Exception {
        assertRefused(Architecture.X86_64, file(56, "ARMd"), "does not start like a kernel for x86_64");
        assertRefused(Architecture.AARCH64, file(0x202, "HdrS"), "does not start like a kernel for aarch64");
        assertRefused(Architecture.X86_64, Files.writeString(directory.resolve("text"), "HdrS"), "does not start like");
        assertRefused(Architecture.X86_64, Files.createFile(directory.resolve("empty")), "it is empty");
        assertRefused(Architecture.X86_64, directory, "it is a directory");
        assertRefused(Architecture.X86_64, directory.resolve("none"), "no such file");
    }

    private static void assertTaken(Architecture architecture, Path file) {
        assertThatCode(() -> new KernelFile(file, "the kernel").checkKernel(architecture))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(Architecture architecture, Path file, String why) {
        assertThatThrownBy(() -> new KernelFile(file, "the kernel").checkKernel(architecture))
                .isInstanceOf(HypervisorException.class)
                .hasMessageStartingWith("the machine cannot boot: the kernel " + file + " cannot be used: ")
                .hasMessageContaining(why)
                .hasMessageContaining("image.properties");
    }
}
