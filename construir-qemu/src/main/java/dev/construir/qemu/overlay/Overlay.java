package dev.construir.qemu.overlay;

import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layer that takes a guest's writes to a disk whose file is only read. Its file disappears as soon as QEMU has it open: the
 * kernel frees the space when the machine ends, however it ends.
 */
public final class Overlay {
    private static final Logger LOG = LoggerFactory.getLogger(Overlay.class);

    private final Path file;

    private Overlay(Path file) {
        this.file = file;
    }

    /**
     * Creates the layer over a disk.
     *
     * @param file the layer's file, which must not exist
     * @param base the disk below
     * @return the layer
     * @throws HypervisorException if the disk's image cannot be used
     * @throws IOException if a file cannot be read or written
     */
    public static Overlay create(Path file, Disk base) throws HypervisorException, IOException {
        Qcow2Overlay.create(file, virtualSize(base));
        return new Overlay(file);
    }

    /**
     * Checks that a disk's image is what it is declared to be, and nothing that leads to other files.
     *
     * @param disk the disk
     * @return the size of the disk that a guest sees, in bytes
     * @throws HypervisorException if the image cannot be used
     * @throws IOException if it cannot be read
     */
    public static long virtualSize(Disk disk) throws HypervisorException, IOException {
        Path image = disk.file();
        if (!Files.isRegularFile(image)) {
            throw new HypervisorException(
                    "the disk image " + image + (Files.exists(image) ? " is no regular file" : " does not exist")
                            + "; name an image that is there");
        }
        if (!Files.isReadable(image)) {
            throw new HypervisorException(
                    "the disk image " + image + " may not be read by this user; see its owner and mode");
        }
        if (disk.format() == Disk.Format.QCOW2) {
            return Qcow2Header.read(image).virtualSize();
        }
        long size = Files.size(image);
        if (size == 0) {
            throw new HypervisorException("the disk image " + image + " is empty; build or copy it again");
        }
        if (disk.access() == Disk.Access.COPY_ON_WRITE) {
            Lookalike.refuse(image);
        }
        return size;
    }

    /**
     * Returns the layer's file, which need not exist any more.
     *
     * @return the file
     */
    public Path file() {
        return file;
    }

    /** Removes the file's name. Idempotent. */
    public void unlink() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("could not remove {}, which goes with its directory: {}", file, e.toString());
        }
    }
}
