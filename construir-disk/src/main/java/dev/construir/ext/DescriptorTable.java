package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The positions of the group descriptors: after the superblock, or with {@code meta_bg} each block of them in the first
 * of the groups that it describes.
 */
public final class DescriptorTable {
    private final Geometry geometry;
    private final int compatible;
    private final int readOnlyCompatible;
    private final long together;
    private final long firstBackup;
    private final long secondBackup;

    /**
     * Creates a table.
     *
     * @param superblock what the file system says of itself
     * @param bytes the superblock's 1,024 bytes
     */
    public DescriptorTable(Superblock superblock, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean spread = (superblock.incompatible() & Features.META_GROUPS) != 0;
        this.geometry = superblock.geometry();
        this.compatible = superblock.compatible();
        this.readOnlyCompatible = superblock.readOnlyCompatible();
        this.together = spread ? Integer.toUnsignedLong(in.getInt(0x104)) : Long.MAX_VALUE;
        this.firstBackup = Integer.toUnsignedLong(in.getInt(0x24c));
        this.secondBackup = Integer.toUnsignedLong(in.getInt(0x250));
    }

    /**
     * Returns the block that holds a group's descriptor.
     *
     * @param group the group
     * @return the block's number, which only the caller can know to exist
     */
    public long block(int group) {
        long index = (long) group * geometry.descriptorSize() / geometry.blockSize();
        // With blocks of 1,024 bytes the superblock is in block 1, even if clusters make the first group begin at 0.
        long superblock = Superblock.OFFSET / geometry.blockSize();
        if (index < together) {
            return superblock + 1 + index;
        }
        int first = Math.toIntExact(index * geometry.blockSize() / geometry.descriptorSize());
        long start = first == 0 ? superblock : geometry.groupStart(first);
        return start + (hasSuperblock(first) ? 1 : 0);
    }

    /**
     * Returns where in its block a group's descriptor is.
     *
     * @param group the group
     * @return the offset in bytes
     */
    public int inBlock(int group) {
        return (int) ((long) group * geometry.descriptorSize() % geometry.blockSize());
    }

    private boolean hasSuperblock(int group) {
        if (group == 0) {
            return true;
        } else if ((compatible & Features.SPARSE_SUPER_2) != 0) {
            return group == firstBackup || group == secondBackup;
        }
        return (readOnlyCompatible & Features.SPARSE_SUPER) == 0 || Layout.hasSuperblock(group);
    }
}
