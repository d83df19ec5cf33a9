package dev.construir.ext;

/**
 * The layout of a new file system. Each group begins with its copy of the superblock and of the descriptors, if it has
 * one, followed by the block bitmap, the inode bitmap, the inode table and the data.
 *
 * @param geometry the sizes
 */
public record Layout(Geometry geometry) {
    /** The smallest file system: in a smaller one, metadata take nearly all room. */
    public static final long MIN_BYTES = 64 << 10;
    /** The biggest: beyond, a file's count of sectors could overflow. */
    public static final long MAX_BYTES = 2L << 40;

    /**
     * 256 bytes hold nanoseconds and times beyond 2038, which the kernel warns of on smaller inodes, and leave room for
     * attributes.
     */
    private static final int INODE_SIZE = 256;

    private static final int DESCRIPTOR_SIZE = 32;
    private static final int MIN_INODES = 32;
    /** A last group that would hold less data than this is left unused. */
    private static final int MIN_GROUP_DATA = 48;

    private static final long SMALL = 16L << 20;
    private static final long MIDDLE = 512L << 20;
    private static final long BIG = 16L << 30;

    /**
     * Lays out a file system.
     *
     * @param bytes the room it has, from {@link #MIN_BYTES} to {@link #MAX_BYTES}
     * @return the layout; the file system is a little smaller than the room if the rest is of no use
     * @throws IllegalArgumentException if there is too little or too much room
     */
    public static Layout of(long bytes) {
        return of(bytes, 0);
    }

    /**
     * Lays out a file system that has at least so many inodes.
     *
     * @param bytes the room it has, from {@link #MIN_BYTES} to {@link #MAX_BYTES}
     * @param inodes how many inodes it has at least, up to {@link #mostInodes}; more if that is usual for its size
     * @return the layout; the file system is a little smaller than the room if the rest is of no use
     * @throws IllegalArgumentException if there is too little or too much room
     */
    public static Layout of(long bytes, long inodes) {
        if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("no layout for " + bytes + " bytes");
        }
        Layout layout = dividing(bytes, inodes);
        Geometry geometry = layout.geometry;
        int last = geometry.groups() - 1;
        if (last > 0 && geometry.groupEnd(last) - layout.firstData(last) < MIN_GROUP_DATA) {
            return dividing(geometry.offset(geometry.groupStart(last)), inodes);
        }
        return layout;
    }

    /**
     * Returns how many inodes a file system can have.
     *
     * @param bytes the room it has, from {@link #MIN_BYTES} to {@link #MAX_BYTES}
     * @return the number: what takes at most half of the room of small ones, and what the bitmaps of groups count in
     *     others
     */
    public static long mostInodes(long bytes) {
        Geometry usual = of(bytes).geometry;
        int group = Math.toIntExact(Math.min(usual.blocksPerGroup(), usual.blocks() - usual.firstBlock()));
        int perBlock = usual.blockSize() / INODE_SIZE;
        long most = Math.min((long) usual.blockSize() * Byte.SIZE, (long) group / 2 * perBlock);
        long inGroup = most / Math.max(perBlock, Byte.SIZE) * Math.max(perBlock, Byte.SIZE);
        return Math.max(usual.inodes(), inGroup * usual.groups());
    }

    private static Layout dividing(long bytes, long wanted) {
        int blockSize = bytes < SMALL ? 1024 : 4096;
        int firstBlock = blockSize == 1024 ? 1 : 0;
        int perGroup = blockSize * 8;
        long blocks = bytes / blockSize;
        long groups = (blocks - firstBlock + perGroup - 1) / perGroup;
        long inodes = Math.max(Math.max(MIN_INODES, wanted), bytes / bytesPerInode(bytes));
        int perBlock = blockSize / INODE_SIZE;
        long inodesPerGroup = roundUp((inodes + groups - 1) / groups, Math.max(perBlock, 8));
        return new Layout(new Geometry(
                blockSize, blocks, firstBlock, perGroup, Math.toIntExact(inodesPerGroup), INODE_SIZE, DESCRIPTOR_SIZE));
    }

    /** Small disks hold small files; on big ones a table of one inode for every 16 KiB is what mke2fs makes, too. */
    private static long bytesPerInode(long bytes) {
        return bytes < MIDDLE ? 4096 : bytes < BIG ? 8192 : 16384;
    }

    private static long roundUp(long value, long step) {
        return (value + step - 1) / step * step;
    }

    /**
     * Returns whether a group holds a copy of the superblock and the descriptors: 0, 1, and the powers of 3, 5 and 7
     * do.
     *
     * @param group the group
     * @return whether it does
     */
    public static boolean hasSuperblock(int group) {
        return group <= 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
    }

    private static boolean isPower(int value, int base) {
        long power = base;
        while (power < value) {
            power *= base;
        }
        return power == value;
    }

    /**
     * Returns how many blocks the descriptors of all groups take.
     *
     * @return the number
     */
    public int descriptorBlocks() {
        long bytes = (long) geometry.groups() * geometry.descriptorSize();
        return Math.toIntExact(roundUp(bytes, geometry.blockSize()) / geometry.blockSize());
    }

    /**
     * Returns how many blocks a group's inode table takes.
     *
     * @return the number
     */
    int tableBlocks() {
        return geometry.inodesPerGroup() * geometry.inodeSize() / geometry.blockSize();
    }

    /**
     * Returns where a group's block bitmap is; the inode bitmap is the next block, the inode table follows.
     *
     * @param group the group
     * @return the block's number
     */
    public long blockBitmap(int group) {
        return geometry.groupStart(group) + (hasSuperblock(group) ? 1 + descriptorBlocks() : 0);
    }

    /**
     * Returns where a group's inode bitmap is.
     *
     * @param group the group
     * @return the block's number
     */
    public long inodeBitmap(int group) {
        return blockBitmap(group) + 1;
    }

    /**
     * Returns where a group's inode table begins.
     *
     * @param group the group
     * @return the block's number
     */
    public long inodeTable(int group) {
        return blockBitmap(group) + 2;
    }

    /**
     * Returns the first block of a group that can hold content.
     *
     * @param group the group
     * @return the block's number
     */
    public long firstData(int group) {
        return inodeTable(group) + tableBlocks();
    }
}
