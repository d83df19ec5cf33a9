package dev.construir.qemu.overlay;

import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The fixed part of a qcow2 image's header, as far as a base image is judged by it. All its numbers are big-endian.
 *
 * @param version 2 or 3
 * @param backingFile the offset of a backing file's name, 0 if there is none
 * @param virtualSize the disk's size in bytes
 * @param encryption 0 if there is none
 * @param incompatible the features that a reader must know
 */
record Qcow2Header(int version, long backingFile, long virtualSize, int encryption, long incompatible) {
    static final int MAGIC = 0x514649fb; // "QFI\xfb"
    static final int LENGTH_2 = 72;
    static final int LENGTH_3 = 104;

    private static final long DIRTY = 1L;
    private static final long CORRUPT = 1L << 1;
    private static final long EXTERNAL_DATA = 1L << 2;
    private static final long COMPRESSION_TYPE = 1L << 3;
    private static final long EXTENDED_L2 = 1L << 4;
    private static final long READABLE = DIRTY | COMPRESSION_TYPE | EXTENDED_L2;

    /**
     * Reads a header and refuses what would make QEMU open another file than this one, or read it wrongly.
     *
     * @param image the image
     * @return its header
     * @throws HypervisorException if it is no image that can serve as a disk by itself
     * @throws IOException if it cannot be read
     */
    static Qcow2Header read(Path image) throws HypervisorException, IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_3);
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            int read = 0;
            while (bytes.hasRemaining() && read >= 0) {
                read = channel.read(bytes);
            }
        }
        bytes.flip();
        if (bytes.limit() < Integer.BYTES || bytes.getInt(0) != MAGIC) {
            throw refused(image, "it does not start like one", "declare it as raw if that is what it is");
        }
        if (bytes.limit() < LENGTH_2 || (bytes.getInt(4) == 3 && bytes.limit() < LENGTH_3)) {
            throw refused(image, "it was cut short: it has " + bytes.limit() + " bytes", "copy it again");
        }
        int version = bytes.getInt(4);
        if (version < 2 || version > 3) {
            throw refused(image, "its version is " + version, "convert it with qemu-img convert -O qcow2");
        }
        Qcow2Header header = new Qcow2Header(
                version, bytes.getLong(8), bytes.getLong(24), bytes.getInt(32), version == 3 ? bytes.getLong(72) : 0);
        header.check(image);
        Qcow2Extent.check(image, bytes, version);
        return header;
    }

    private void check(Path image) throws HypervisorException {
        if (backingFile != 0) {
            throw refused(image, "it builds on a backing file", "flatten it with qemu-img convert -O qcow2");
        }
        if (encryption != 0) {
            throw refused(image, "it is encrypted", "decrypt it with qemu-img convert");
        }
        if ((incompatible & EXTERNAL_DATA) != 0) {
            throw refused(image, "its data is in another file", "join them with qemu-img convert -O qcow2");
        }
        if ((incompatible & CORRUPT) != 0) {
            throw refused(image, "it is marked as corrupt", "see qemu-img check");
        }
        if ((incompatible & ~READABLE) != 0) {
            throw refused(
                    image,
                    "it needs features unknown here, 0x" + Long.toHexString(incompatible & ~READABLE),
                    "convert it with qemu-img convert -O qcow2");
        }
        if (virtualSize <= 0) {
            throw refused(image, "its disk has no size", "build it anew");
        }
    }

    static HypervisorException refused(Path image, String why, String remedy) {
        return new HypervisorException(
                "the image " + image + " cannot be used as a qcow2 disk: " + why + "; " + remedy);
    }
}
