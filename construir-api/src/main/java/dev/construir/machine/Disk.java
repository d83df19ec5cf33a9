package dev.construir.machine;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.block.FileSource;
import dev.construir.qcow2.Qcow2Header;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A virtio disk of a machine.
 *
 * @param file the image
 * @param format the image's format, always declared and never guessed from the file's bytes, which a guest may have
 *     written
 * @param access what the guest's writes do to the file
 * @param serial what the guest finds in {@code /sys/block/*}{@code /serial}, at most 20 bytes of printable ASCII
 * @param discard whether what the guest discards is punched out of the file
 * @since 0.1
 */
public record Disk(Path file, ImageFormat format, Access access, Optional<String> serial, boolean discard) {

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
    public static Disk copyOnWrite(Path file, ImageFormat format) {
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
        return new Disk(file, ImageFormat.RAW, Access.READ_WRITE, Optional.of(serial), true);
    }

    /**
     * Returns the same disk with its image elsewhere.
     *
     * @param image the image
     * @return a new disk
     */
    public Disk withFile(Path image) {
        return new Disk(image, format, access, serial, discard);
    }

    /**
     * Checks that the image is what it is declared to be and leads to no other file, and reads how big a disk a guest
     * sees. Of a qcow2 image only the header is read. Backends do this before they hand an image to a hypervisor, which
     * may be less careful.
     *
     * @return the size
     * @throws NoSuchFileException if it is missing, or no regular file
     * @throws DiskFormatException if it is empty, or declared as qcow2 and none that can be a disk by itself: of
     *     another format, cut off within its header or first table, with a backing file or data in another file,
     *     encrypted, corrupt; the message says what to do
     * @throws IOException if it cannot be read
     */
    public DataSize virtualSize() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, Reason.unreadable(file));
        }
        try (FileSource source = new FileSource(file)) {
            long size = format == ImageFormat.QCOW2 ? Qcow2Header.read(source).virtualSize() : source.size();
            if (size == 0) {
                throw new DiskFormatException("it is empty");
            }
            return DataSize.ofBytes(size);
        }
    }

    private static void checkSerial(String serial) {
        boolean printable = serial.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (serial.isEmpty() || !printable || serial.getBytes(StandardCharsets.US_ASCII).length > SERIAL_BYTES) {
            throw new IllegalArgumentException(
                    "a disk's serial is 1 to " + SERIAL_BYTES + " printable ASCII characters, not \"" + serial + "\"");
        }
    }
}
