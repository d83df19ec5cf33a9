package dev.construir.disk.read;

import dev.construir.DataSize;
import dev.construir.DiskFormatException;
import dev.construir.ImageFormat;
import dev.construir.NotSeekableException;
import dev.construir.block.BlockSource;
import dev.construir.block.FileSource;
import dev.construir.block.Window;
import dev.construir.disk.Partition;
import dev.construir.disk.ReadLimits;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.ext.Superblock;
import dev.construir.format.ForeignFormat;
import dev.construir.partition.PartitionEntry;
import dev.construir.partition.PartitionTable;
import dev.construir.qcow2.Qcow2Image;
import dev.construir.text.Reason;
import dev.construir.volume.ExtVolume;
import dev.construir.xz.XzLimits;
import dev.construir.xz.XzSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A disk in a file, raw or qcow2, with one file system or with partitions: a root image, a job's disk, a disk of any
 * other machine. It is read without mounting it, without other programs and without trusting it.
 *
 * <pre>{@code
 * DiskImage image = DiskImage.of(Path.of("debian.qcow2"));
 * for (Partition partition : image.partitions()) {
 *     System.out.println(partition);
 * }
 * }</pre>
 *
 * <p>The file may be compressed by xz. It is read block by block then and not unpacked as a whole, which takes up to 44
 * MiB of memory. That works for what {@link CompressedImage} writes, and for what {@code xz -T2} or
 * {@code xz --block-size=1MiB} make at presets up to 6; an xz that uses one thread makes one block of everything, which
 * is refused by a {@link NotSeekableException}.
 *
 * <p>The caller or the file's name declares the format. It is never guessed from bytes that a guest may have written.
 * On the disk itself, a file system that begins at the disk's first byte comes before a partition table, unless a
 * partition is named. A guest can choose what of both is found there, and gains nothing by it: either is only read,
 * with limits, and leads to no other file.
 *
 * <p>Reading understands MBR and GPT with sectors of 512 to 4096 bytes, and of qcow2 what has no backing file, no data
 * in other files, no encryption, no extended L2 entries and no clusters compressed with Zstandard.
 *
 * <p>A value; every method opens the file anew.
 *
 * @param file the image
 * @param format its format
 * @param compression how the file is compressed
 * @param limits how much of its files is read at most
 * @since 0.1
 */
public record DiskImage(Path file, ImageFormat format, Compression compression, ReadLimits limits) {
    private static final int NAMED = 16;
    private static final String XZ = ".xz";

    /**
     * How a file is compressed.
     *
     * @since 0.1
     */
    public enum Compression {
        /** Not at all. */
        NONE,
        /** By xz. */
        XZ
    }

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
     * @param compression see {@link #compression()}
     * @param limits see {@link #limits()}
     */
    public DiskImage {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(compression, "compression");
        Objects.requireNonNull(limits, "limits");
    }

    /**
     * Takes an image that is not compressed, with {@link ReadLimits#DEFAULT}.
     *
     * @param file see {@link #file()}
     * @param format see {@link #format()}
     */
    public DiskImage(Path file, ImageFormat format) {
        this(file, format, Compression.NONE, ReadLimits.DEFAULT);
    }

    /**
     * Takes the format by the file's name: {@code .qcow2} is qcow2, everything else raw; {@code .xz} behind that is
     * compressed.
     *
     * @param file the image, which need not exist yet
     * @return the image
     */
    public static DiskImage of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        boolean packed = name.endsWith(XZ);
        String inside = packed ? name.substring(0, name.length() - XZ.length()) : name;
        return new DiskImage(
                file,
                inside.endsWith(".qcow2") ? ImageFormat.QCOW2 : ImageFormat.RAW,
                packed ? Compression.XZ : Compression.NONE,
                ReadLimits.DEFAULT);
    }

    /**
     * Reads with other limits.
     *
     * @param limits see {@link #limits()}
     * @return an image with these limits
     */
    public DiskImage withLimits(ReadLimits limits) {
        return new DiskImage(file, format, compression, limits);
    }

    /**
     * Lists the partitions.
     *
     * @return the partitions, in the order of their table; none if the disk is one file system
     * @throws NotSeekableException if the file is compressed in a way that it must be unpacked first
     * @throws DiskFormatException if the image is not what it is declared to be, or its partition table is missing or
     *     damaged
     * @throws IOException if it cannot be read
     */
    public List<Partition> partitions() throws IOException {
        try (BlockSource disk = open()) {
            return ExtVolume.isOn(disk) ? List.of() : partitions(disk);
        }
    }

    /**
     * Opens the only file system there is: that of the whole disk, or of the only partition that has one that can be
     * read.
     *
     * @return the reader, with the limits of this, to be closed by the caller
     * @throws NotSeekableException if the file is compressed in a way that it must be unpacked first
     * @throws DiskFormatException if there is no such file system, or there are several; the message lists the
     *     partitions then
     * @throws IOException if the image cannot be read
     */
    public DiskReader files() throws IOException {
        return reader(disk -> ExtVolume.isOn(disk) ? disk : only(disk));
    }

    /**
     * Opens the file system of a partition.
     *
     * @param partition the partition's number, from 1 on
     * @return the reader, with the limits of this, to be closed by the caller
     * @throws NotSeekableException if the file is compressed in a way that it must be unpacked first
     * @throws DiskFormatException if there is no such partition, or none at all, or it holds no file system that can be
     *     read
     * @throws IOException if the image cannot be read
     */
    public DiskReader files(int partition) throws IOException {
        return reader(disk -> {
            List<Partition> all = partitions(disk);
            for (Partition each : all) {
                if (each.number() == partition) {
                    return readable(disk, each);
                }
            }
            throw new DiskFormatException("there is no partition " + partition + described(disk, all));
        });
    }

    /** Opens the file system that begins at the disk's first byte, whatever else there may be. */
    DiskReader whole() throws IOException {
        return reader(disk -> disk);
    }

    private DiskReader reader(Choice choice) throws IOException {
        BlockSource disk = open();
        try {
            return ExtReader.on(choice.on(disk), limits);
        } catch (IOException | RuntimeException e) {
            disk.close();
            throw e;
        }
    }

    private BlockSource open() throws IOException {
        if (!Files.isRegularFile(file)) { // a pipe would block
            throw new NoSuchFileException(file.toString(), null, "no disk image: " + Reason.unreadable(file));
        }
        BlockSource source = new FileSource(file);
        try {
            BlockSource disk = compression == Compression.XZ ? XzSource.open(source, XzLimits.DEFAULT) : source;
            return format == ImageFormat.QCOW2 ? Qcow2Image.open(disk) : disk;
        } catch (DiskFormatException e) {
            DiskFormatException clearer = notAsDeclared(source, e);
            source.close();
            throw clearer;
        } catch (IOException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private DiskFormatException notAsDeclared(BlockSource source, DiskFormatException refusal) throws IOException {
        Optional<ForeignFormat> found = ForeignFormat.on(source);
        ForeignFormat declared = compression == Compression.XZ ? ForeignFormat.XZ : ForeignFormat.QCOW2;
        if (found.isEmpty() || found.get() == declared) {
            return refusal;
        }
        return new DiskFormatException(
                "it is declared " + declared.name().toLowerCase(Locale.ROOT) + ", and it is "
                        + found.get().describe(file),
                refusal);
    }

    private List<Partition> partitions(BlockSource disk) throws IOException {
        List<Partition> partitions = new ArrayList<>();
        for (PartitionEntry entry : table(disk)) {
            BlockSource part = new Window(disk, entry.start(), entry.size());
            boolean readable = ExtVolume.isOn(part);
            Optional<String> content = readable
                    ? Optional.of("ext" + Superblock.generation(part.read(Superblock.OFFSET, Superblock.SIZE)))
                    : ForeignFormat.on(part).map(ForeignFormat::shortName);
            partitions.add(new Partition(
                    entry.number(), entry.type(), entry.start(), DataSize.ofBytes(entry.size()), content, readable));
        }
        return List.copyOf(partitions);
    }

    private List<PartitionEntry> table(BlockSource disk) throws IOException {
        try {
            return PartitionTable.read(disk, DiskImage::isKnown);
        } catch (DiskFormatException e) {
            if (ExtVolume.isOn(disk)) {
                throw new DiskFormatException(
                        "there are no partitions, one file system fills the disk; read it without naming a partition",
                        e);
            }
            throw new DiskFormatException(
                    foreign(disk)
                            .orElse("no ext2, ext3 or ext4 file system fills the disk, and: " + e.getMessage()
                                    + "; name a disk that has one or the other"),
                    e);
        }
    }

    private static boolean isKnown(BlockSource part) throws IOException {
        return ExtVolume.isOn(part) || ForeignFormat.on(part).isPresent();
    }

    /** Says what is on the disk in place of what can be read. */
    private Optional<String> foreign(BlockSource disk) throws IOException {
        boolean plain = format == ImageFormat.RAW && compression == Compression.NONE;
        return ForeignFormat.on(disk)
                .map(found -> plain
                        ? "it is " + found.describe(file)
                        : "the disk in it is " + found.what() + "; only ext2, ext3 and ext4 are read");
    }

    private BlockSource only(BlockSource disk) throws IOException {
        List<Partition> all = partitions(disk);
        List<Partition> readable = all.stream().filter(Partition::readable).toList();
        if (readable.size() != 1) {
            String why = readable.isEmpty()
                    ? foreign(disk).orElse("no partition has an ext2, ext3 or ext4 file system")
                    : "several partitions have file systems; say which one";
            throw new DiskFormatException(why + described(disk, all));
        }
        return window(disk, readable.get(0));
    }

    private static BlockSource readable(BlockSource disk, Partition partition) throws IOException {
        BlockSource window = window(disk, partition);
        Optional<ForeignFormat> foreign = partition.readable() ? Optional.empty() : ForeignFormat.on(window);
        if (foreign.isPresent()) {
            throw new DiskFormatException("partition " + partition.number() + " is "
                    + foreign.get().what() + "; only ext2, ext3 and ext4 are read");
        }
        return window;
    }

    private static BlockSource window(BlockSource disk, Partition partition) throws DiskFormatException {
        return new Window(disk, partition.start(), partition.size().bytes());
    }

    private static String described(BlockSource disk, List<Partition> partitions) throws IOException {
        if (partitions.isEmpty()) {
            return "; the partition table is empty";
        }
        List<String> named = new ArrayList<>();
        for (Partition each : partitions.subList(0, Math.min(NAMED, partitions.size()))) {
            String content = each.readable()
                    ? ", with files"
                    : ForeignFormat.on(window(disk, each))
                            .map(found -> ", " + found.what())
                            .orElse("");
            named.add(each.number() + " (" + each.type() + ", " + each.size() + content + ")");
        }
        return "; there are: " + String.join(", ", named)
                + (partitions.size() > NAMED ? " and " + (partitions.size() - NAMED) + " more" : "");
    }
}
