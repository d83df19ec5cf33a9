package dev.construir.disk;

import dev.construir.ext.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes job disks: ext2, revision 1, as the Linux kernel's {@code Documentation/filesystems/ext2.rst} and
 * {@code Documentation/filesystems/ext4} describe it.
 */
public final class JobDisk {
    private JobDisk() {}

    /**
     * Writes a disk. The file is sparse: only what is used takes room.
     *
     * @param file the image to create; must not exist
     * @param options how it is written
     * @param content what goes on it
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws DiskFullException if the content does not fit
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so, and the file is removed
     * @throws IOException if the content cannot be had or the file cannot be written; the file is removed then
     */
    public static void create(Path file, DiskOptions options, DiskContent content) throws IOException {
        Objects.requireNonNull(content, "content");
        Layout layout = Layout.of(options.size().bytes());
        NewFile.create(file, () -> {
            try (ImageFile image = new ImageFile(file, options.size().bytes())) {
                DiskWriter writer = new DiskWriter(image, layout, options);
                content.writeTo(writer);
                writer.finish();
            }
        });
    }
}
