package dev.construir.machine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A virtio disk of a machine.
 *
 * @param file the image
 * @param format the image's format, always declared and never guessed from the file's bytes, which a guest may have written
 * @param access what the guest's writes do to the file
 * @param serial what the guest finds in {@code /sys/block/*}{@code /serial}, at most 20 bytes of printable ASCII
 * @param discard whether what the guest discards is punched out of the file
 */
public record Disk(Path file, Format format, Access access, Optional<String> serial, boolean discard) {

    /** The format of a disk image. */
    public enum Format {
        /** The bytes of the disk and nothing else. */
        RAW,
        /** QEMU's copy-on-write format, version 2 or 3. */
        QCOW2
    }

    /** What a guest's writes do to the file. */
    public enum Access {
        /** They go to a layer that ends with the machine; the file is only read, by any number of machines at once. */
        COPY_ON_WRITE,
        /** They go to the file. */
        READ_WRITE
    }

    private static final int SERIAL_BYTES = 20; // virtio 1.2, 5.2.6: VIRTIO_BLK_ID_BYTES

    /**
     * Creates a disk.
     *
     * @param file see {@link #file()}
     * @param format see {@link #format()}
     * @param access see {@link #access()}
     * @param serial see {@link #serial()}
     * @param discard see {@link #discard()}
     * @throws IllegalArgumentException if the serial is empty, longer than 20 bytes or not printable ASCII
     */
    public Disk {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(access, "access");
        serial.ifPresent(Disk::checkSerial);
    }

    /**
     * Returns a disk that the guest may write to as it likes without changing the file.
     *
     * @param file the image
     * @param format the image's format
     * @return the disk
     */
    public static Disk copyOnWrite(Path file, Format format) {
        return new Disk(file, format, Access.COPY_ON_WRITE, Optional.empty(), false);
    }

    /**
     * Returns a raw disk whose file the guest writes to, and gives space back to by discard.
     *
     * @param file the image
     * @param serial what the guest finds the disk by
     * @return the disk
     */
    public static Disk writable(Path file, String serial) {
        return new Disk(file, Format.RAW, Access.READ_WRITE, Optional.of(serial), true);
    }

    private static void checkSerial(String serial) {
        boolean printable = serial.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (serial.isEmpty() || !printable || serial.getBytes(StandardCharsets.US_ASCII).length > SERIAL_BYTES) {
            throw new IllegalArgumentException(
                    "a disk's serial is 1 to " + SERIAL_BYTES + " printable ASCII characters, not \"" + serial + "\"");
        }
    }
}
