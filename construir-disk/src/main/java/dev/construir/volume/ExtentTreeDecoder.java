package dev.construir.volume;

import dev.construir.DiskFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Content mapped by a tree of extents, as ext4 does. */
final class ExtentTreeDecoder implements BlockMap {
    private static final int MAGIC = 0xf30a;
    private static final int HEADER = 12;
    private static final int ENTRY = 12;
    private static final int MAX_DEPTH = 5;
    /** Longer extents stand for room that was reserved and never written. */
    private static final int MAX_WRITTEN = 32_768;

    private final ExtVolume volume;
    private final ByteBuffer root;
    private final String name;
    /** The leaf that was used last. */
    private @Nullable Extents leaf;

    ExtentTreeDecoder(ExtVolume volume, ByteBuffer root, String name) {
        this.volume = volume;
        this.root = root;
        this.name = name;
    }

    @Override
    public Run run(long block) throws IOException {
        if (block >= MAX_BLOCKS) {
            throw new DiskFormatException(name + " has content beyond what extents can map");
        }
        Extents extents = leaf;
        if (extents == null || block < extents.start || block >= extents.end) {
            extents = descend(block);
            leaf = extents;
        }
        return extents.run(block);
    }

    private Extents descend(long block) throws IOException {
        Extents node = new Extents(root, "the extent tree of " + name, 0, MAX_BLOCKS);
        if (node.depth > MAX_DEPTH) {
            throw node.damaged("is " + node.depth + " levels above its leaves; " + MAX_DEPTH + " are allowed");
        }
        while (node.depth > 0) {
            node = child(node, block);
        }
        return node;
    }

    private Extents child(Extents node, long block) throws IOException {
        // What is before the first child belongs to it as well: a hole.
        int index = Math.max(0, node.last(block));
        long child = node.child(index);
        volume.checkBlocks(child, 1, node.from);
        Extents below = new Extents(
                ByteBuffer.wrap(volume.block(child)).order(ByteOrder.LITTLE_ENDIAN),
                "the extent block at byte " + volume.geometry().offset(child) + " of " + name,
                index == 0 ? node.start : node.first(index),
                node.endOf(index));
        if (below.depth != node.depth - 1) {
            throw below.damaged("is not " + (node.depth - 1) + " levels above its leaves");
        }
        return below;
    }

    /** A node of the tree, checked as a whole, and which blocks of the file it is there for. */
    private final class Extents {
        private final ByteBuffer node;
        private final String from;
        private final long start;
        private final long end;
        private final int count;
        private final int depth;

        Extents(ByteBuffer node, String from, long start, long end) throws DiskFormatException {
            this.node = node;
            this.from = from;
            this.start = start;
            this.end = end;
            this.count = node.getShort(2) & 0xffff;
            this.depth = node.getShort(6) & 0xffff;
            int magic = node.getShort(0) & 0xffff;
            if (magic != MAGIC) {
                throw damaged("has the magic number 0x" + Integer.toHexString(magic));
            } else if (HEADER + count * ENTRY > node.capacity()) {
                throw damaged("has no room for " + count + " entries");
            } else if (depth > 0 && count == 0) {
                throw damaged("leads to nothing");
            }
            long free = start;
            for (int i = 0; i < count; i++) {
                if (first(i) < free) {
                    throw damaged("is not in order: its entry " + i + " begins at block " + first(i) + ", not at "
                            + free + " or behind");
                }
                free = first(i) + (depth == 0 ? length(i) : 1);
                if (free == first(i) || free > end) {
                    throw damaged("has an entry " + i + " for blocks " + first(i) + " to " + free + ", of " + end);
                }
            }
        }

        private long first(int index) {
            return Integer.toUnsignedLong(node.getInt(HEADER + index * ENTRY));
        }

        private boolean isWritten(int index) {
            return (node.getShort(HEADER + index * ENTRY + 4) & 0xffff) <= MAX_WRITTEN;
        }

        private long length(int index) {
            int length = node.getShort(HEADER + index * ENTRY + 4) & 0xffff;
            return isWritten(index) ? length : length - MAX_WRITTEN;
        }

        private long physical(int index) {
            int at = HEADER + index * ENTRY;
            return Integer.toUnsignedLong(node.getInt(at + 8)) | (node.getShort(at + 6) & 0xffffL) << 32;
        }

        private long child(int index) {
            int at = HEADER + index * ENTRY;
            return Integer.toUnsignedLong(node.getInt(at + 4)) | (node.getShort(at + 8) & 0xffffL) << 32;
        }

        /** Returns where the next entry begins, or the end of all. */
        private long endOf(int index) {
            return index + 1 < count ? first(index + 1) : end;
        }

        /** Returns the last entry that begins at or before a block, or -1. */
        private int last(long block) {
            int low = 0;
            int high = count;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (first(middle) <= block) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low - 1;
        }

        private Run run(long block) throws DiskFormatException {
            int index = last(block);
            long inside = index < 0 ? 0 : block - first(index);
            if (index < 0 || inside >= length(index)) {
                return new Run(0, endOf(index) - block);
            }
            long left = length(index) - inside;
            volume.checkBlocks(physical(index), length(index), from);
            return new Run(isWritten(index) ? physical(index) + inside : 0, left);
        }

        private DiskFormatException damaged(String found) {
            return new DiskFormatException(from + " " + found);
        }
    }
}
