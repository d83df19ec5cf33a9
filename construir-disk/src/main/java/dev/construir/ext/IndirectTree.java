package dev.construir.ext;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Maps content by block numbers: twelve in the inode, the others in one to three levels of indirect blocks. */
public final class IndirectTree {
    private static final int LEVELS = 3;

    private final List<Extent> extents;
    private final int blockSize;
    private final BlockSupply supply;
    private final SortedMap<Long, byte[]> blocks = new TreeMap<>();
    /** The extent that holds the next block to be mapped, or the next after it: blocks are mapped in their order. */
    private int next;

    private IndirectTree(List<Extent> extents, int blockSize, BlockSupply supply) {
        this.extents = extents;
        this.blockSize = blockSize;
        this.supply = supply;
    }

    /**
     * Maps a file.
     *
     * @param extents where its content is, in the order of the file, all within {@link Geometry#maxFileBlocks} and on
     *     blocks below 2<sup>32</sup>
     * @param blockSize the size of a block in bytes
     * @param supply where the tree's blocks come from
     * @return the map
     * @throws IOException if there are no free blocks
     */
    public static FileMap of(List<Extent> extents, int blockSize, BlockSupply supply) throws IOException {
        return new IndirectTree(extents, blockSize, supply).map();
    }

    /**
     * Returns how many indirect blocks a file takes that has no holes. One with holes may take fewer or more, but with
     * its content not more than a file of its size without holes.
     *
     * @param content how many blocks of content there are
     * @param blockSize the size of a block in bytes
     * @return the number
     */
    public static long most(long content, int blockSize) {
        long pointers = blockSize / Integer.BYTES;
        long left = content - Inode.DIRECT;
        long span = 1;
        long blocks = 0;
        for (int level = 1; level <= LEVELS && left > 0; level++) {
            span *= pointers;
            long each = Math.min(left, span);
            for (int below = 0; below < level; below++) {
                each = (each + pointers - 1) / pointers;
                blocks += each;
            }
            left -= span;
        }
        return blocks;
    }

    private FileMap map() throws IOException {
        byte[] root = new byte[Inode.MAP_SIZE];
        ByteBuffer out = ByteBuffer.wrap(root).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < Inode.DIRECT; block++) {
            out.putInt((int) below(block, 1));
        }
        long first = Inode.DIRECT;
        long span = 1;
        for (int level = 0; level < LEVELS; level++) {
            span *= blockSize / Integer.BYTES;
            out.putInt((int) below(first, span));
            first += span;
        }
        return new FileMap(ByteBuffer.wrap(root), blocks, false);
    }

    /** Returns the block that maps so many blocks, or is the only one; 0 for a hole. */
    private long below(long first, long span) throws IOException {
        while (next < extents.size() && extents.get(next).end() <= first) {
            next++;
        }
        if (next == extents.size() || extents.get(next).logical() >= first + span) {
            return 0;
        }
        if (span == 1) {
            return extents.get(next).physical() + first - extents.get(next).logical();
        }
        byte[] block = new byte[blockSize];
        long number = supply.allocate();
        blocks.put(number, block);
        ByteBuffer out = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        long each = span / (blockSize / Integer.BYTES);
        for (long at = first; at < first + span; at += each) {
            out.putInt((int) below(at, each));
        }
        return number;
    }
}
