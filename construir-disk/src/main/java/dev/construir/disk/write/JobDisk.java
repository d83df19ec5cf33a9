package dev.construir.disk.write;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.disk.DiskFullException;
import dev.construir.ext.Layout;
import dev.construir.ext.Superblock;
import dev.construir.format.ForeignFormat;
import dev.construir.host.AtomicNewFile;
import dev.construir.host.Holes;
import dev.construir.partition.PartitionTable;
import dev.construir.volume.ExtVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes job disks: ext2, revision 1, as the Linux kernel's {@code Documentation/filesystems/ext2.rst} and
 * {@code Documentation/filesystems/ext4} describe it.
 *
 * <pre>{@code
 * JobDisk.create(
 *         Path.of("job.img"),
 *         DiskOptions.of(DataSize.parse("64M")),
 *         disk -> disk.file("data.txt", "hello").copy("src", Path.of("project")));
 * }</pre>
 *
 * @since 0.1
 */
public final class JobDisk {
    private static final byte[] SHEBANG = {'#', '!'};
    private static final String MAKE =
            "; make job images by construir pack, or by mkfs.ext2 on the whole file, without partitions";

    private JobDisk() {}

    /**
     * Writes a disk. The file is sparse: only what is used takes room.
     *
     * @param file the image to create; must not exist
     * @param options how it is written
     * @param content what goes on it
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws DiskFullException if the content does not fit
     * @throws java.nio.channels.ClosedByInterruptException if the thread is interrupted; it stays so, and the file is
     *     removed
     * @throws IOException if the content cannot be read or the file cannot be written; the file is removed then
     */
    public static void create(Path file, DiskOptions options, DiskContent content) throws IOException {
        Objects.requireNonNull(content, "content");
        Layout layout = layout(options, content.inodes());
        AtomicNewFile.create(file, () -> {
            try (ImageFile image = new ImageFile(file, options.size().bytes())) {
                DiskWriter writer = new DiskWriter(image, Holes.key(file), layout, options);
                content.writeTo(new PathDiskBuilder(writer));
                writer.finish();
            }
        });
    }

    private static Layout layout(DiskOptions options, long inodes) throws DiskFullException {
        long bytes = options.size().bytes();
        long most = Layout.mostInodes(bytes);
        if (inodes > most) {
            throw new DiskFullException("a disk of " + options.size() + " has at most " + most
                    + " inodes, one for each file, directory and link, and " + inodes
                    + " are needed; make it bigger (--size, or run --disk)");
        }
        return Layout.of(bytes, Math.min(most, 2 * inodes)); // the job makes files as well
    }

    /**
     * Refuses a file that cannot be a job disk, so that no machine is started in vain. It only looks for the mark of
     * ext2, ext3 and ext4; whether the file system is whole shows when it is read.
     *
     * @param image the image
     * @throws DiskFormatException if it holds no ext file system from its first byte on
     * @throws IOException if it cannot be read
     */
    public static void checkFileSystem(Path image) throws IOException {
        checkFileSystem(image, image);
    }

    /**
     * Does the same with a copy, and names in its messages what was copied or unpacked.
     *
     * @param copy the copy that is looked at
     * @param image the image that it is of
     * @throws DiskFormatException if it holds no ext file system from its first byte on
     * @throws IOException if it cannot be read
     */
    public static void checkFileSystem(Path copy, Path image) throws IOException {
        if (Files.exists(copy) && !Files.isRegularFile(copy)) {
            throw new DiskFormatException(image + " is not a regular file; name a disk image");
        }
        try (FileSource source = new FileSource(copy)) {
            if (!ExtVolume.isOn(source)) {
                String found = found(source, image);
                throw new DiskFormatException(
                        found.isEmpty()
                                ? image + " holds no ext2, ext3 or ext4 file system" + MAKE
                                : image + " holds no ext2, ext3 or ext4 file system: it is " + found);
            }
        }
    }

    /** Says what is there in place of a file system, and what to do; nothing if that is not known. */
    private static String found(BlockSource disk, Path image) throws IOException {
        Optional<ForeignFormat> foreign = ForeignFormat.on(disk);
        if (foreign.isPresent()) {
            return foreign.get().describeAsNoJob(image);
        } else if (disk.size() == 0) {
            return "empty" + MAKE;
        } else if (disk.size() > SHEBANG.length && Arrays.equals(disk.read(0, SHEBANG.length), SHEBANG)) {
            return "a script; name the directory that has it as bin/construir, or run it by --script";
        } else if (disk.size() < Superblock.OFFSET + Superblock.SIZE) {
            return "too short for one, with " + disk.size() + (disk.size() == 1 ? " byte" : " bytes") + MAKE;
        }
        return PartitionTable.isOn(disk)
                ? "a disk with partitions, and a job's disk has none; take the job out of it: construir "
                        + "extract FILE -o DIR, and name that directory"
                : "";
    }
}
