package dev.construir.command.disk;

import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.read.DiskImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/** Job disks as files: plain, or xz-compressed where the name ends in {@code .xz}. */
public final class DiskFiles {
    private DiskFiles() {}

    static boolean isCompressed(Path file) {
        return DiskImage.of(file).compression() == DiskImage.Compression.XZ;
    }

    /**
     * Compresses a disk to a new file, which has its name only when it is whole, and which can be read without
     * unpacking it.
     *
     * @throws FileAlreadyExistsException if the file exists
     * @throws InterruptedException if the thread was interrupted; nothing is left then
     */
    public static void pack(Path disk, Path target) throws IOException, InterruptedException {
        AtomicOutput.make(target, partial -> CompressedImage.write(disk, partial, CompressOptions.DEFAULT));
    }
}
