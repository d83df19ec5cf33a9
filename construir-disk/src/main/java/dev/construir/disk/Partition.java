package dev.construir.disk;

import dev.construir.DataSize;
import dev.construir.disk.read.DiskImage;
import java.util.Optional;

/**
 * A partition of a disk.
 *
 * @param number what Linux calls it, from 1 on; those inside an extended partition from 5 on
 * @param type what its table says it is for: words for the types that disks with Linux have, the number for others
 * @param start where it begins on the disk, in bytes
 * @param size its size
 * @param content what it begins as, in a word: {@code ext2}, {@code ext3}, {@code ext4}, {@code swap}, {@code vfat},
 *     {@code lvm}, {@code luks}, {@code xfs} and others; empty if that is not known
 * @param readable whether it begins as an ext2, ext3 or ext4 file system does, which {@link DiskImage#files(int)} reads
 * @since 0.1
 */
public record Partition(
        int number, String type, long start, DataSize size, Optional<String> content, boolean readable) {}
