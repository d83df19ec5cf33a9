package dev.construir.backend;

import dev.construir.machine.Architecture;
import dev.construir.machine.HypervisorException;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Refuses a kernel or an initial file system that a hypervisor would boot nothing from, before anything is made: what
 * QEMU says of them does not show what is wrong.
 *
 * @param file the file
 * @param role what it is, for messages
 */
record KernelFile(Path file, String role) {
    private static final int START = 0x206;

    /** A mark that kernels carry, in Latin-1, and where. */
    private record Mark(int offset, String text) {
        boolean in(byte[] start, int length) {
            byte[] mark = text.getBytes(StandardCharsets.ISO_8859_1);
            int end = offset + mark.length;
            return end <= length && Arrays.equals(start, offset, end, mark, 0, mark.length);
        }
    }

    // Linux' Documentation/arch/x86/boot.rst and arm64/booting.rst.
    // QEMU also takes ELF, and on Arm what gzip or EFI has packed.
    private static final Mark BZIMAGE = new Mark(0x202, "HdrS");
    private static final Mark ELF = new Mark(0, "\u007fELF");
    private static final Mark ARM_IMAGE = new Mark(56, "ARMd");
    private static final Mark GZIP = new Mark(0, "\u001f\u008b");
    private static final Mark EFI_ZBOOT = new Mark(4, "zimg");

    /** Checks that the file can be read and has content. */
    void check() throws HypervisorException, IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw refused(Reason.unreadable(file));
        }
        if (Files.size(file) == 0) {
            throw refused("it is empty");
        }
    }

    /** Checks in addition that it starts like a kernel. */
    void checkKernel(Architecture architecture) throws HypervisorException, IOException {
        check();
        byte[] start = new byte[START];
        int length;
        try (InputStream in = Files.newInputStream(file)) {
            length = in.readNBytes(start, 0, START);
        }
        boolean known = switch (architecture) {
            case X86_64 -> BZIMAGE.in(start, length) || ELF.in(start, length);
            case AARCH64 ->
                ARM_IMAGE.in(start, length)
                        || GZIP.in(start, length)
                        || EFI_ZBOOT.in(start, length)
                        || ELF.in(start, length);
        };
        if (!known) {
            throw refused(
                    "it does not start like a kernel for " + architecture.name().toLowerCase(Locale.ROOT));
        }
    }

    private HypervisorException refused(String why) {
        return new HypervisorException("the machine cannot boot: " + role + " " + file + " cannot be used: " + why
                + "; build the image again, or name the right file in its image.properties");
    }
}
