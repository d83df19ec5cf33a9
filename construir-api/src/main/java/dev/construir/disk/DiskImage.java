package dev.construir.disk;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.block.Window;
import dev.construir.machine.Disk;
import dev.construir.partition.PartitionEntry;
import dev.construir.partition.PartitionTable;
import dev.construir.qcow2.Qcow2Header;
import dev.construir.qcow2.Qcow2Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A disk in a file, raw or qcow2, with one file system or with partitions: a root image, a job's disk, a disk of any other machine. It is read
 * without mounting it, without other programs and without trusting it.
 *
 * <p>The format is declared, by whoever made the image or by the file's name, and never found out from bytes that a guest may have
 * written. On the disk itself, a file system that begins at the disk's first byte comes before a partition table, unless a partition is
 * named. A guest can choose what of both is found there, and gains nothing by it: either is only read, with limits, and leads to no other
 * file.
 *
 * <p>Reading understands MBR and GPT with sectors of 512 bytes, and of qcow2 what has no backing file, no data in other files, no encryption, no
 * extended L2 entries and no clusters compressed with Zstandard.
 *
 * <p>A value; every method opens the file anew.
 *
 * @param file the image
 * @param format its format
 */
public record DiskImage(Path file, Disk.Format format) {
    private static final int NAMED = 16;

    /** Finds the part of a disk that is wanted. */
    @FunctionalInterface
    private interface Choice {
        BlockSource on(BlockSource disk) throws IOException;
    }

    /**
     * Checks that nothing is missing.
     *
     * @param file see {@link #file()}
     * @param format see {@link #format()}
     */
    public DiskImage {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
    }

    /**
     * Takes the format by the file's name: {@code .qcow2} is qcow2, everything else raw.
     *
     * @param file the image, which need not exist yet
     * @return the image
     */
    public static DiskImage of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return new DiskImage(file, name.endsWith(".qcow2") ? Disk.Format.QCOW2 : Disk.Format.RAW);
    }

    /**
     * Lists the partitions.
     *
     * @return the partitions, in the order of their table; none if the disk is one file system
     * @throws DiskFormatException if the image is not what it is declared to be, or its partition table is missing or damaged
     * @throws IOException if it cannot be read
     */
    public List<Partition> partitions() throws IOException {
        try (BlockSource disk = open()) {
            return Volume.isOn(disk) ? List.of() : partitions(disk);
        }
    }

    /**
     * Opens the only file system there is: that of the whole disk, or of the only partition that has one that can be read.
     *
     * @return the reader, with {@link ReadLimits#DEFAULT}, to be closed by the caller
     * @throws DiskFormatException if there is no such file system, or there are several; the message lists the partitions then
     * @throws IOException if the image cannot be read
     */
    public DiskReader files() throws IOException {
        return reader(disk -> Volume.isOn(disk) ? disk : only(disk));
    }

    /**
     * Opens the file system of a partition.
     *
     * @param partition the partition's number, from 1 on
     * @return the reader, with {@link ReadLimits#DEFAULT}, to be closed by the caller
     * @throws DiskFormatException if there is no such partition, or none at all, or it holds no file system that can be read
     * @throws IOException if the image cannot be read
     */
    public DiskReader files(int partition) throws IOException {
        return reader(disk -> {
            List<Partition> all = partitions(disk);
            for (Partition each : all) {
                if (each.number() == partition) {
                    return window(disk, each);
                }
            }
            throw new DiskFormatException("there is no partition " + partition + described(all));
        });
    }

    private DiskReader reader(Choice choice) throws IOException {
        BlockSource disk = open();
        try {
            return Ext2Reader.on(choice.on(disk), ReadLimits.DEFAULT);
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    private BlockSource open() throws IOException {
        if (!Files.isRegularFile(file)) { // a pipe would block
            throw new NoSuchFileException(
                    file.toString(), null, Files.exists(file) ? "not a disk image" : "no such disk image");
        }
        BlockSource source = new FileSource(file);
        try {
            return format == Disk.Format.QCOW2 ? Qcow2Image.open(source) : source;
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private List<Partition> partitions(BlockSource disk) throws IOException {
        List<Partition> partitions = new ArrayList<>();
        for (PartitionEntry entry : table(disk)) {
            boolean readable = Volume.isOn(new Window(disk, entry.start(), entry.size()));
            partitions.add(new Partition(
                    entry.number(), entry.type(), entry.start(), DataSize.ofBytes(entry.size()), readable));
        }
        return List.copyOf(partitions);
    }

    private List<PartitionEntry> table(BlockSource disk) throws IOException {
        try {
            return PartitionTable.read(disk);
        } catch (DiskFormatException e) {
            if (Volume.isOn(disk)) {
                throw new DiskFormatException(
                        "there are no partitions, one file system fills the disk; read it without naming a partition",
                        e);
            }
            String cure = format == Disk.Format.RAW && Qcow2Header.looksLike(disk)
                    ? "; it starts as a qcow2 image does: declare it as one, or name it .qcow2"
                    : "; name a disk that has one or the other";
            throw new DiskFormatException(
                    "no ext2, ext3 or ext4 file system fills the disk, and: " + e.getMessage() + cure, e);
        }
    }

    private BlockSource only(BlockSource disk) throws IOException {
        List<Partition> all = partitions(disk);
        List<Partition> readable = all.stream().filter(Partition::readable).toList();
        if (readable.size() != 1) {
            throw new DiskFormatException((readable.isEmpty()
                            ? "no partition has an ext2, ext3 or ext4 file system"
                            : "several partitions have file systems; say which one")
                    + described(all));
        }
        return window(disk, readable.get(0));
    }

    private static BlockSource window(BlockSource disk, Partition partition) throws DiskFormatException {
        return new Window(disk, partition.start(), partition.size().bytes());
    }

    private static String described(List<Partition> partitions) {
        if (partitions.isEmpty()) {
            return "; the partition table is empty";
        }
        return partitions.stream()
                        .limit(NAMED)
                        .map(each -> each.number() + " (" + each.type() + ", " + each.size()
                                + (each.readable() ? ", with files)" : ")"))
                        .collect(Collectors.joining(", ", "; there are: ", ""))
                + (partitions.size() > NAMED ? " and " + (partitions.size() - NAMED) + " more" : "");
    }
}
