package dev.construir.partition;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.util.List;

/** Reads the partition table of a disk. */
public final class PartitionTable {
    private PartitionTable() {}

    /**
     * Reads the partitions that can hold something: the extended one of a PC's table, which only holds others, is none.
     *
     * @param disk the disk
     * @return the partitions, in the order of the table
     * @throws DiskFormatException if there is no table, or it is damaged
     * @throws IOException if the disk cannot be read
     */
    public static List<PartitionEntry> read(BlockSource disk) throws IOException {
        BootRecord first = BootRecord.read(disk, 0);
        return first.protectsGpt() ? GptTable.read(disk) : new MbrTable(disk).read(first);
    }
}
