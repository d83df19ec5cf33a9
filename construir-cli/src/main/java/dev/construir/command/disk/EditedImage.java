package dev.construir.command.disk;

import dev.construir.ConstruirException;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.disk.edit.DiskEditor;
import dev.construir.disk.read.DiskImage;
import dev.construir.terminal.TerminalFilter;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Parameters;

/** The image that a command changes in place. */
final class EditedImage {
    @Parameters(
            index = "0",
            paramLabel = "IMG",
            description =
                    "The image: a raw, uncompressed disk with one file system (ext2, ext3 or ext4) and no partitions.")
    @SuppressWarnings("NullAway.Init")
    private Path path;

    /** A change of an open disk. */
    @FunctionalInterface
    interface Change {
        void apply(DiskEditor disk) throws IOException;
    }

    Path path() {
        return path;
    }

    /** Opens the file system for a change. Messages name the image. */
    void change(Change change) throws ConstruirException, IOException {
        try (DiskEditor disk = DiskEditor.open(path)) {
            change.apply(disk);
        } catch (DiskFormatException e) {
            throw new DiskFormatException(path + ": " + Reason.of(e), e);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e); // a path that no disk can have
        }
    }

    /**
     * Checks that the image is a file that can be changed in place.
     *
     * @throws IOException with the cure, if it is not
     */
    void check() throws IOException {
        if (Files.isDirectory(path)) {
            throw refused("a directory; name a disk image in it");
        } else if (!Files.isRegularFile(path)) {
            throw new NoSuchFileException(
                    path.toString(),
                    null,
                    Files.exists(path) ? ImageOperand.NO_FILE : "no disk image: " + Reason.unreadable(path));
        }
        DiskImage image = DiskImage.of(path);
        if (image.compression() != DiskImage.Compression.NONE) {
            throw refused("a compressed image; unpack it first, by: xz -dk, and change the unpacked one");
        } else if (image.format() != ImageFormat.RAW) {
            throw refused("a qcow2 image; make a raw one first, by: qemu-img convert -O raw, and change that");
        } else if (!Files.isReadable(path) || !Files.isWritable(path)) {
            throw new AccessDeniedException(
                    path.toString(), null, "this user may not read and write the image; see its owner and mode");
        }
        checkPartitions(image);
    }

    private void checkPartitions(DiskImage image) throws IOException {
        List<?> partitions;
        try {
            partitions = image.partitions();
        } catch (DiskFormatException e) {
            throw new DiskFormatException(path + ": " + Reason.of(e), e);
        }
        if (!partitions.isEmpty()) {
            throw refused("a disk with partitions; only a file system that fills the whole image can be changed. "
                    + "construir ls --partitions lists them");
        }
    }

    private FileSystemException refused(String why) {
        return new FileSystemException(TerminalFilter.escape(path.toString()), null, why);
    }
}
