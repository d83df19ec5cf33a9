package dev.construir.ext;

/**
 * The sizes a file system is divided into. All that follows from them is computed here.
 *
 * @param blockSize the size of a block in bytes, a power of two
 * @param blocks how many blocks there are, the first unused one included
 * @param firstBlock the block the first group begins with: 1 where blocks have 1,024 bytes, else 0
 * @param blocksPerGroup how many blocks a group has; the last one may have fewer
 * @param inodesPerGroup how many inodes a group has
 * @param inodeSize the size of an inode in bytes, a power of two
 * @param descriptorSize the size of a group descriptor in bytes
 */
public record Geometry(
        int blockSize,
        long blocks,
        int firstBlock,
        int blocksPerGroup,
        int inodesPerGroup,
        int inodeSize,
        int descriptorSize) {

    /**
     * Returns the number of groups.
     *
     * @return how many there are
     */
    public int groups() {
        return Math.toIntExact((blocks - firstBlock + blocksPerGroup - 1) / blocksPerGroup);
    }

    /**
     * Returns the number of inodes.
     *
     * @return how many there are; the first has the number 1
     */
    public long inodes() {
        return (long) groups() * inodesPerGroup;
    }

    /**
     * Returns the size of the file system.
     *
     * @return the size in bytes
     */
    public long bytes() {
        return blocks * blockSize;
    }

    /**
     * Returns where a block is.
     *
     * @param block its number
     * @return its offset in bytes
     */
    public long offset(long block) {
        return block * blockSize;
    }

    /**
     * Returns the first block of a group.
     *
     * @param group the group
     * @return the block's number
     */
    public long groupStart(int group) {
        return firstBlock + (long) group * blocksPerGroup;
    }

    /**
     * Returns the end of a group.
     *
     * @param group the group
     * @return the number of the block behind its last one
     */
    public long groupEnd(int group) {
        return Math.min(blocks, groupStart(group) + blocksPerGroup);
    }

    /**
     * Returns the group an inode belongs to.
     *
     * @param inode its number, from 1
     * @return the group
     */
    public int groupOfInode(long inode) {
        return Math.toIntExact((inode - 1) / inodesPerGroup);
    }

    /**
     * Returns where an inode is in its group's table.
     *
     * @param inode its number, from 1
     * @return its offset from the table's start in bytes
     */
    public long offsetInTable(long inode) {
        return (inode - 1) % inodesPerGroup * inodeSize;
    }

    /**
     * Returns how many block numbers an indirect block holds.
     *
     * @return the number
     */
    public int pointersPerBlock() {
        return blockSize / Integer.BYTES;
    }

    /**
     * Returns how many blocks a file of indirect blocks can have.
     *
     * @return the number, holes included
     */
    public long maxFileBlocks() {
        long n = pointersPerBlock();
        return Inode.DIRECT + n + n * n + n * n * n;
    }
}
