package dev.construir.ext;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Maps content by a tree of extents, from its leaves up. */
public final class ExtentTreeEncoder {
    /** How many blocks an extent may have. */
    public static final int MAX_EXTENT = 32_768;

    /** How many blocks a file of extents may have, holes included. */
    public static final long MAX_FILE_BLOCKS = (1L << 32) - 1;

    private static final int MAGIC = 0xf30a;
    private static final int ENTRY = 12;

    private ExtentTreeEncoder() {}

    /**
     * Maps a file.
     *
     * @param extents where its content is, in the order of the file; no two of them join
     * @param blockSize the size of a block in bytes
     * @param supply where the tree's blocks come from
     * @return the map
     * @throws IOException if there are no free blocks
     */
    public static FileMap of(List<Extent> extents, int blockSize, BlockSupply supply) throws IOException {
        SortedMap<Long, byte[]> blocks = new TreeMap<>();
        List<Extent> level = split(extents);
        int depth = 0;
        while (level.size() > capacity(Inode.MAP_SIZE)) {
            List<Extent> above = new ArrayList<>();
            for (int from = 0; from < level.size(); from += capacity(blockSize)) {
                byte[] block = new byte[blockSize];
                List<Extent> entries = level.subList(from, Math.min(level.size(), from + capacity(blockSize)));
                encode(block, entries, depth);
                long number = supply.allocate();
                blocks.put(number, block);
                above.add(new Extent(entries.get(0).logical(), number, 1));
            }
            level = above;
            depth++;
        }
        byte[] root = new byte[Inode.MAP_SIZE];
        encode(root, level, depth);
        return new FileMap(ByteBuffer.wrap(root), blocks, true);
    }

    /**
     * Returns how many blocks a tree takes at most.
     *
     * @param content how many blocks of content there are, which may be scattered
     * @param blockSize the size of a block in bytes
     * @return the number
     */
    public static long most(long content, int blockSize) {
        long blocks = 0;
        for (long level = content; level > capacity(Inode.MAP_SIZE); ) {
            level = (level + capacity(blockSize) - 1) / capacity(blockSize);
            blocks += level;
        }
        return blocks;
    }

    private static List<Extent> split(List<Extent> extents) {
        List<Extent> pieces = new ArrayList<>();
        for (Extent extent : extents) {
            for (long done = 0; done < extent.count(); done += MAX_EXTENT) {
                long count = Math.min(MAX_EXTENT, extent.count() - done);
                pieces.add(new Extent(extent.logical() + done, extent.physical() + done, count));
            }
        }
        return pieces;
    }

    private static int capacity(int bytes) {
        return (bytes - ENTRY) / ENTRY;
    }

    private static void encode(byte[] node, List<Extent> entries, int depth) {
        ByteBuffer out = ByteBuffer.wrap(node).order(ByteOrder.LITTLE_ENDIAN);
        out.putShort((short) MAGIC)
                .putShort((short) entries.size())
                .putShort((short) capacity(node.length))
                .putShort((short) depth)
                .putInt(0);
        for (Extent entry : entries) {
            out.putInt((int) entry.logical());
            if (depth == 0) {
                out.putShort((short) entry.count())
                        .putShort((short) (entry.physical() >>> 32))
                        .putInt((int) entry.physical());
            } else {
                out.putInt((int) entry.physical()).putInt((int) (entry.physical() >>> 32));
            }
        }
    }

    /** Returns where the checksum of a tree block is: after the room for entries. */
    static int tail(byte[] block) {
        return ENTRY + capacity(block.length) * ENTRY;
    }
}
