package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The meaning of block bitmaps. They can be relied on if the file system was unmounted cleanly and has no feature that
 * leaves used blocks unmarked.
 *
 * @param superblock the superblock
 * @param checksums which checksums there are
 * @param clusterBlocks how many blocks a bit stands for: one, but with clusters (bigalloc)
 * @param journal the inode of the journal, or 0 if there is none
 */
public record Allocation(Superblock superblock, Checksums checksums, int clusterBlocks, long journal) {
    private static final int LARGEST_SHIFT = 19;

    /**
     * Reads from a superblock what bitmaps mean.
     *
     * @param bytes its 1,024 bytes
     * @param diskBytes the size of the disk it is on
     * @return what they mean
     * @throws DiskFormatException if it is damaged, or bitmaps cannot be believed; the message says why
     */
    public static Allocation of(byte[] bytes, long diskBytes) throws DiskFormatException {
        Superblock superblock = Superblock.decode(bytes, diskBytes);
        ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<String> features = EditableFeatures.hidingBlocks(
                superblock.compatible(), superblock.incompatible(), superblock.readOnlyCompatible());
        Superblock.check(features.isEmpty(), "features that may hide blocks: " + String.join(", ", features));
        Checksums checksums = new Checksums(bytes);
        SuperblockCheck.check(bytes, checksums);
        boolean hasJournal = (superblock.compatible() & Features.HAS_JOURNAL) != 0;
        long journal = hasJournal ? Integer.toUnsignedLong(fields.getInt(0xe0)) : 0;
        Superblock.check(!hasJournal || journal != 0, "its journal is on another disk");
        boolean clusters = (superblock.readOnlyCompatible() & EditableFeatures.CLUSTERS) != 0;
        int clusterBlocks = clusters ? clusterBlocks(fields) : 1;
        checkGeometry(superblock.geometry(), clusterBlocks);
        return new Allocation(superblock, checksums, clusterBlocks, journal);
    }

    private static int clusterBlocks(ByteBuffer fields) throws DiskFormatException {
        long shift = Integer.toUnsignedLong(fields.getInt(0x1c)) - Integer.toUnsignedLong(fields.getInt(0x18));
        Superblock.check(shift >= 0 && shift <= LARGEST_SHIFT, "clusters of 2^" + shift + " blocks");
        long bits = Integer.toUnsignedLong(fields.getInt(0x24));
        long blocks = Integer.toUnsignedLong(fields.getInt(0x20));
        Superblock.check(bits << shift == blocks, bits + " clusters in a group of " + blocks + " blocks");
        return 1 << shift;
    }

    private static void checkGeometry(Geometry geometry, int clusterBlocks) throws DiskFormatException {
        int bits = geometry.blocksPerGroup() / clusterBlocks;
        Superblock.check(bits % Byte.SIZE == 0 && bits <= Byte.SIZE * geometry.blockSize(), bits + " bits in a bitmap");
        boolean isShifted = geometry.blockSize() == Superblock.OFFSET && clusterBlocks == 1;
        Superblock.check(geometry.firstBlock() == (isShifted ? 1 : 0), "a first block " + geometry.firstBlock());
    }

    /**
     * Returns how many bytes of a bitmap count, which its checksum covers.
     *
     * @return the number
     */
    public int bitmapBytes() {
        return superblock.geometry().blocksPerGroup() / clusterBlocks / Byte.SIZE;
    }
}
