package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Packs the blocks of a hashed directory's index: a root, and below it nodes if the root has no room for all leaves.
 * Each of its entries says which hash a block of the directory begins with. A reader that does not know indexes finds
 * unused records in these blocks.
 */
public final class IndexPacker {
    private static final int ENTRY = 8;
    private static final int RECORD_HEADER = 8;
    private static final int DOTS = 24;
    private static final int INFO = 8;

    private final ByteBuffer block;
    private int limitAt;
    private int count;

    /**
     * Creates a packer.
     *
     * @param block the block to fill; its size is that of a block of the file system
     */
    public IndexPacker(byte[] block) {
        this.block = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns how many entries a root has room for.
     *
     * @param blockSize the size of a block in bytes
     * @return the number
     */
    public static int rootEntries(int blockSize) {
        return (blockSize - DOTS - INFO) / ENTRY;
    }

    /**
     * Returns how many entries a node has room for.
     *
     * @param blockSize the size of a block in bytes
     * @return the number
     */
    public static int nodeEntries(int blockSize) {
        return (blockSize - RECORD_HEADER) / ENTRY;
    }

    /**
     * Begins a root, which is a directory's first block.
     *
     * @param inode the directory's inode
     * @param parent the inode of the directory it is in
     * @param levels how many levels of nodes lie between root and leaves: 0 or 1
     */
    public void beginRoot(int inode, int parent, int levels) {
        clear();
        dots(0, inode, 12, 1);
        dots(12, parent, block.capacity() - 12, 2);
        block.put(DOTS + 4, (byte) DirectoryHash.HALF_MD4);
        block.put(DOTS + 5, (byte) INFO);
        block.put(DOTS + 6, (byte) levels);
        limit(DOTS + INFO, rootEntries(block.capacity()));
    }

    /** Begins a node. */
    public void beginNode() {
        clear();
        block.putShort(4, (short) block.capacity());
        limit(RECORD_HEADER, nodeEntries(block.capacity()));
    }

    /**
     * Adds an entry to the current block, which has room for it.
     *
     * @param hash what the block begins with, {@link DirectoryHash#CONTINUED} if the one before ends with the same; of
     *     no account for the first entry, which stands for all hashes below the second
     * @param child the block, counted from the directory's start
     */
    public void add(int hash, int child) {
        int at = limitAt + count * ENTRY;
        if (count > 0) {
            block.putInt(at, hash);
        }
        block.putInt(at + 4, child);
        count++;
        block.putShort(limitAt + 2, (short) count);
    }

    private void clear() {
        block.clear();
        while (block.hasRemaining()) {
            block.put((byte) 0);
        }
        count = 0;
    }

    private void dots(int at, int inode, int size, int length) {
        block.putInt(at, inode);
        block.putShort(at + 4, (short) size);
        block.put(at + 6, (byte) length);
        block.put(at + 7, (byte) 2); // a directory
        for (int i = 0; i < length; i++) {
            block.put(at + 8 + i, (byte) '.');
        }
    }

    /** The first entry has no hash; the limit and the count are in its place. */
    private void limit(int at, int entries) {
        limitAt = at;
        block.putShort(at, (short) entries);
    }
}
