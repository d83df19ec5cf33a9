package dev.construir.disk;

import dev.construir.DataSize;

/**
 * A partition of a disk.
 *
 * @param number what Linux calls it, from 1 on; those inside an extended partition from 5 on
 * @param type what its table says it is for: words for the types that disks with Linux have, the number for others
 * @param start where it begins on the disk, in bytes
 * @param size its size
 * @param readable whether it begins as an ext2, ext3 or ext4 file system does, which {@link DiskImage#files(int)} reads
 */
public record Partition(int number, String type, long start, DataSize size, boolean readable) {}
