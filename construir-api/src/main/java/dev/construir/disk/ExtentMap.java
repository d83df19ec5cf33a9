package dev.construir.disk;

import dev.construir.DiskFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Content mapped by a tree of extents, as ext4 does. */
final class ExtentMap implements BlockMap {
    private static final int MAGIC = 0xf30a;
    private static final int HEADER = 12;
    private static final int ENTRY = 12;
    private static final int MAX_DEPTH = 5;
    /** Longer extents stand for room that was reserved and never written. */
    private static final int MAX_WRITTEN = 32_768;

    private final Volume volume;
    private final ByteBuffer root;
    private final String name;

    ExtentMap(Volume volume, ByteBuffer root, String name) {
        this.volume = volume;
        this.root = root;
        this.name = name;
    }

    @Override
    public Run run(long block) throws IOException {
        if (block >= 1L << 32) {
            throw new DiskFormatException(name + " has content beyond what extents can map");
        }
        ByteBuffer node = root;
        String from = "the extent tree of " + name;
        long end = 1L << 32;
        int depth = check(node, from, MAX_DEPTH);
        while (true) {
            int index = last(node, block);
            if (index + 1 < entries(node)) {
                end = Math.min(end, start(node, index + 1));
            }
            if (end <= block) {
                throw new DiskFormatException(from + " is not in order");
            }
            if (index < 0) {
                return new Run(0, end - block);
            }
            if (depth == 0) {
                return leaf(node, index, block, end, from);
            }
            int at = HEADER + index * ENTRY;
            long child = Integer.toUnsignedLong(node.getInt(at + 4)) | (node.getShort(at + 8) & 0xffffL) << 32;
            volume.checkBlocks(child, 1, from);
            node = ByteBuffer.wrap(volume.block(child)).order(ByteOrder.LITTLE_ENDIAN);
            from = "the extent block at byte " + volume.geometry().offset(child) + " of " + name;
            if (check(node, from, depth - 1) != depth - 1) {
                throw new DiskFormatException(from + " is not " + (depth - 1) + " levels above its leaves");
            }
            depth--;
        }
    }

    private Run leaf(ByteBuffer node, int index, long block, long end, String from) throws IOException {
        int at = HEADER + index * ENTRY;
        int length = node.getShort(at + 4) & 0xffff;
        boolean written = length <= MAX_WRITTEN;
        long count = written ? length : length - MAX_WRITTEN;
        long inside = block - start(node, index);
        if (inside >= count) {
            return new Run(0, end - block);
        }
        long physical = Integer.toUnsignedLong(node.getInt(at + 8)) | (node.getShort(at + 6) & 0xffffL) << 32;
        volume.checkBlocks(physical, count, from);
        return new Run(written ? physical + inside : 0, Math.min(count - inside, end - block));
    }

    private static int check(ByteBuffer node, String from, int maxDepth) throws DiskFormatException {
        int depth = node.getShort(6) & 0xffff;
        if ((node.getShort(0) & 0xffff) != MAGIC || depth > maxDepth) {
            throw new DiskFormatException(from + " is damaged: magic number 0x"
                    + Integer.toHexString(node.getShort(0) & 0xffff) + ", depth " + depth);
        }
        if (HEADER + entries(node) * ENTRY > node.capacity()) {
            throw new DiskFormatException(from + " has no room for " + entries(node) + " entries");
        }
        return depth;
    }

    private static int entries(ByteBuffer node) {
        return node.getShort(2) & 0xffff;
    }

    private static long start(ByteBuffer node, int index) {
        return Integer.toUnsignedLong(node.getInt(HEADER + index * ENTRY));
    }

    /** Returns the last entry that begins at or before a block, or -1. */
    private static int last(ByteBuffer node, long block) {
        int low = 0;
        int high = entries(node);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (start(node, middle) <= block) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
