package dev.construir.backend;

import dev.construir.DiskFormatException;
import dev.construir.disk.SparseCopy;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layer that takes a guest's writes to a disk whose file is only read. Its file disappears as soon as the
 * hypervisor has it open: the kernel frees the space when the machine ends, however it ends.
 *
 * @since 0.1
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
        try {
            return disk.virtualSize().bytes();
        } catch (NoSuchFileException e) {
            throw new HypervisorException("the disk image " + e.getMessage(), e);
        } catch (DiskFormatException e) {
            throw new HypervisorException("the disk image " + disk.file() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the layer's file, which need not exist any more.
     *
     * @return the file
     */
    public Path file() {
        return file;
    }

    /**
     * Copies a layer, or any other disk image, with its holes.
     *
     * @param source the file; nobody writes to it meanwhile
     * @param target the copy; must not exist
     * @throws IOException if it cannot be read or written
     */
    public static void copy(Path source, Path target) throws IOException {
        SparseCopy.copy(source, target);
    }

    /** Removes the file's name. Idempotent. */
    public void unlink() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("could not remove {}, which goes with its directory: {}", file, Reason.of(e));
        }
    }

    /** Returns what file it is. */
    @Override
    public String toString() {
        return "overlay " + file;
    }
}
