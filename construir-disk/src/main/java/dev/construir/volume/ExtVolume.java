package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.disk.FileSystemInfo;
import dev.construir.ext.AttributeBlock;
import dev.construir.ext.DescriptorTable;
import dev.construir.ext.Geometry;
import dev.construir.ext.GroupDescriptor;
import dev.construir.ext.Inode;
import dev.construir.ext.Superblock;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A file system that is read: its blocks and inodes by number, every number checked. Keeps a few blocks of metadata.
 */
public final class ExtVolume implements Closeable {
    private static final int KEPT = 256;

    private final BlockSource source;
    private final Superblock superblock;
    private final Geometry geometry;
    private final DescriptorTable descriptors;
    private final long[] keptNumbers = new long[KEPT];
    private final byte[] @Nullable [] kept = new byte[KEPT][];

    public ExtVolume(BlockSource source) throws IOException {
        this.source = source;
        if (source.size() < Superblock.OFFSET + Superblock.SIZE) {
            throw new DiskFormatException("an image of " + source.size() + " bytes is too small for a file system");
        }
        byte[] bytes = source.read(Superblock.OFFSET, Superblock.SIZE);
        superblock = Superblock.decode(bytes, source.size());
        geometry = superblock.geometry();
        descriptors = new DescriptorTable(superblock, bytes);
    }

    /** Returns whether a disk begins as a file system does. */
    public static boolean isOn(BlockSource source) throws IOException {
        return source.size() >= Superblock.OFFSET + Superblock.SIZE
                && Superblock.hasMagic(source.read(Superblock.OFFSET, Superblock.SIZE));
    }

    /** Returns what the superblock says of the file system. */
    public FileSystemInfo info() {
        return VolumeInfo.of(superblock);
    }

    public Superblock superblock() {
        return superblock;
    }

    public Geometry geometry() {
        return geometry;
    }

    /** Returns a block of metadata, which many may hold: not to be changed. */
    public synchronized byte[] block(long number) throws IOException {
        int slot = (int) (number % KEPT);
        byte[] block = kept[slot];
        if (block == null || keptNumbers[slot] != number) {
            block = source.read(geometry.offset(number), geometry.blockSize());
            kept[slot] = block;
            keptNumbers[slot] = number;
        }
        return block;
    }

    /** Reads content, which is not kept. */
    void read(long offset, byte[] into, int at, int length) throws IOException {
        source.read(offset, into, at, length);
    }

    /** Checks that blocks exist. What else they are used for is no concern of a reader. */
    public void checkBlocks(long first, long count, String what) throws DiskFormatException {
        if (!areBlocks(first, count)) {
            throw notBlocks(first, count, what);
        }
    }

    private boolean areBlocks(long first, long count) {
        return first > 0 && first >= geometry.firstBlock() && first <= geometry.blocks() - count;
    }

    private DiskFormatException notBlocks(long first, long count, String what) {
        return new DiskFormatException(what + " names block " + first
                + (count > 1 ? " and " + (count - 1) + " more" : "") + " of " + geometry.blocks());
    }

    /** Reads an inode, free or not. */
    public Inode inode(long number) throws IOException {
        long position = position(number);
        Inode inode = Inode.decode(block(position / geometry.blockSize()), inBlock(position), geometry.inodeSize());
        if (inode.size() < 0) {
            throw new DiskFormatException(describe(number) + " has an impossible size");
        }
        return inode;
    }

    /** Returns the extended attributes that stand in an inode. */
    public AttributeBlock attributesIn(long number) throws IOException {
        long position = position(number);
        int at = inBlock(position);
        return AttributeBlock.inInode(block(position / geometry.blockSize()), at, geometry.inodeSize(), position - at);
    }

    /** Returns where an inode stands, for messages. */
    public String describe(long number) throws IOException {
        return "inode " + number + " at byte " + position(number);
    }

    /** Returns where an inode stands on the disk, in bytes. It is never in two blocks. */
    long position(long number) throws IOException {
        if (number < 1 || number > geometry.inodes()) {
            throw new DiskFormatException("there is no inode " + number + " of " + geometry.inodes());
        }
        return geometry.offset(table(geometry.groupOfInode(number))) + geometry.offsetInTable(number);
    }

    private int inBlock(long position) {
        return (int) (position % geometry.blockSize());
    }

    private long table(int group) throws IOException {
        long block = descriptors.block(group);
        if (!areBlocks(block, 1)) {
            throw notBlocks(block, 1, "the place of the descriptor of group " + group);
        }
        int inBlock = descriptors.inBlock(group);
        long table = GroupDescriptor.decode(block(block), inBlock, geometry.descriptorSize())
                .inodeTable();
        long bytes = (long) geometry.inodesPerGroup() * geometry.inodeSize();
        long blocks = (bytes + geometry.blockSize() - 1) / geometry.blockSize();
        if (!areBlocks(table, blocks)) { // every inode comes by here, so that the text is made only if it is needed
            throw notBlocks(
                    table,
                    blocks,
                    "the descriptor of group " + group + " at byte " + (geometry.offset(block) + inBlock));
        }
        return table;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
