package dev.construir.partition;

import dev.construir.DiskFormatException;

/**
 * An entry of a partition table. It stands inside the disk.
 *
 * @param number what Linux calls it, from 1 on
 * @param type what it is for, in words if it is a known type
 * @param start where it begins, in bytes
 * @param size its size in bytes, more than 0
 */
public record PartitionEntry(int number, String type, long start, long size) {
    /**
     * Checks an entry of a table.
     *
     * @param first its first sector
     * @param sectors its number of sectors
     * @param sectorSize how many bytes a sector has
     * @throws DiskFormatException if it is not inside the disk
     */
    static PartitionEntry of(int number, String type, long first, long sectors, int sectorSize, long diskBytes)
            throws DiskFormatException {
        long diskSectors = diskBytes / sectorSize;
        if (first < 1 || sectors < 1 || first > diskSectors - sectors) {
            throw new DiskFormatException(
                    "partition " + number + " (" + type + ") begins at sector " + first + " and has "
                            + sectors + ", on a disk of " + diskSectors
                            + " sectors: the table is damaged, or the image was not copied whole");
        }
        return new PartitionEntry(number, type, first * sectorSize, sectors * sectorSize);
    }
}
