package dev.construir.backend;

import dev.construir.machine.Architecture;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A guest of a few instructions that shows whether hardware virtualisation works. On some hosts the device exists,
 * opens and creates machines, but runs none.
 *
 * <p>On x86 it is a boot sector that enters 64-bit mode, prints {@value #WORD} on the first serial port, writes 0x2a to
 * the port 0x501, which ends a QEMU that has an isa-debug-exit device there, and halts. On Arm it is a kernel that
 * powers the machine off.
 *
 * @since 0.1
 */
public final class ProbeGuest {
    /** What it prints on x86. */
    public static final String WORD = "ok";

    private static final int DISK_LENGTH = 1 << 20; // firmware boots from no smaller disk

    private ProbeGuest() {}

    /**
     * Writes the guest.
     *
     * @param architecture the guest's architecture
     * @param file the raw disk, or on Arm the kernel, to be created
     * @throws IOException if it cannot be written
     */
    public static void write(Architecture architecture, Path file) throws IOException {
        String name = architecture == Architecture.X86_64 ? "probe-x86_64.bin" : "probe-aarch64.bin";
        try (InputStream resource = ProbeGuest.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new FileNotFoundException(name);
            }
            Files.copy(resource, file);
        }
        if (architecture == Architecture.X86_64) {
            try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
                image.setLength(DISK_LENGTH);
            }
        }
    }
}
