package dev.construir.partition;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.block.Window;
import java.io.IOException;
import java.util.List;

/** Reads the partition table of a disk. */
public final class PartitionTable {
    /** Those of most disks, of disks with large sectors, and of some of old. */
    private static final int[] SECTOR_SIZES = {512, 4096, 2048, 1024};

    private PartitionTable() {}

    /** Recognises what a partition may hold. */
    @FunctionalInterface
    public interface Content {
        /**
         * Returns whether a part of a disk begins as something known.
         *
         * @param part the part
         * @return whether it does
         * @throws IOException if it cannot be read
         */
        boolean isOn(BlockSource part) throws IOException;
    }

    /**
     * Returns whether a disk has partitions.
     *
     * @param disk the disk
     * @return whether there is a table that is not damaged and names a partition
     * @throws IOException if the disk cannot be read
     */
    public static boolean isOn(BlockSource disk) throws IOException {
        try {
            return !read(disk, part -> false).isEmpty();
        } catch (
                @SuppressWarnings("unused")
                DiskFormatException e) {
            return false;
        }
    }

    /**
     * Reads the partitions that can hold something: the extended one of a PC's table, which only holds others, is none.
     * The size of sectors is where a GPT's header stands; a PC's table does not say it, and then it is the one with
     * which partitions begin as something known, 512 bytes if there is none.
     *
     * @param disk the disk
     * @param content recognises what partitions hold
     * @return the partitions, in the order of the table
     * @throws DiskFormatException if there is no table, or it is damaged
     * @throws IOException if the disk cannot be read
     */
    public static List<PartitionEntry> read(BlockSource disk, Content content) throws IOException {
        BootRecord first = BootRecord.read(disk, 0, SECTOR_SIZES[0]);
        if (first.protectsGpt()) {
            return gpt(disk, first);
        }
        for (int size : SECTOR_SIZES) {
            List<PartitionEntry> entries = holding(disk, first, size, content);
            if (!entries.isEmpty()) {
                return entries;
            }
        }
        return new MbrTable(disk, SECTOR_SIZES[0]).read(first);
    }

    /** Linux does the same: beside an entry that protects a GPT, it looks at no others, even if there is no GPT. */
    private static List<PartitionEntry> gpt(BlockSource disk, BootRecord first) throws IOException {
        try {
            return GptTable.read(disk, SECTOR_SIZES);
        } catch (DiskFormatException e) {
            if (first.hasOthersThanGpt()) {
                throw new DiskFormatException(
                        e.getMessage()
                                + "; the partitions of the PC's table are not used, as its entry of type 0xee says that"
                                + " there is a GPT: Linux ignores them as well. Remove that entry if it "
                                + "is wrong (sfdisk --delete)",
                        e);
            }
            throw e;
        }
    }

    private static List<PartitionEntry> holding(BlockSource disk, BootRecord first, int sectorSize, Content content)
            throws IOException {
        try {
            List<PartitionEntry> entries = new MbrTable(disk, sectorSize).read(first);
            return holdSomething(disk, entries, content) ? entries : List.of();
        } catch (DiskFormatException e) {
            return List.of(); // sectors of another size
        }
    }

    private static boolean holdSomething(BlockSource disk, List<PartitionEntry> entries, Content content)
            throws IOException {
        for (PartitionEntry entry : entries) {
            if (content.isOn(new Window(disk, entry.start(), entry.size()))) {
                return true;
            }
        }
        return false;
    }
}
