package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.ext.Extent;
import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * All blocks that a file has: those of its content, written or only reserved for it, also beyond its end, and those
 * that map it. A map that loops is found out, because no block can be twice in it.
 */
public final class FileBlocks {
    private static final int MAX_PIECES = 1 << 20;
    private static final int LEVELS = 3;
    private static final int EXTENTS_MAGIC = 0xf30a;
    private static final int EXTENTS_DEPTH = 5;
    private static final int ENTRY = 12;
    private static final int MAX_WRITTEN = 32_768;

    private final ExtVolume volume;
    private final String name;
    private final BlockSet seen = new BlockSet();
    private final List<Extent> content = new ArrayList<>();
    private final List<Long> map = new ArrayList<>();
    private boolean unwritten;

    private FileBlocks(ExtVolume volume, String name) {
        this.volume = volume;
        this.name = name;
    }

    public static FileBlocks of(ExtVolume volume, long number, Inode inode) throws IOException {
        FileBlocks blocks = new FileBlocks(volume, volume.describe(number));
        ByteBuffer root = inode.map().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        if (inode.hasExtents()) {
            blocks.extents(root, EXTENTS_DEPTH, 0);
        } else {
            blocks.numbers(root);
        }
        return blocks;
    }

    /** Returns where the content is, in the order of the file; what joins is joined. */
    public List<Extent> content() {
        return content;
    }

    /** Returns the blocks that map it. */
    public List<Long> map() {
        return map;
    }

    /** Returns whether there is room that was reserved and never written. */
    public boolean hasUnwritten() {
        return unwritten;
    }

    /** Returns how many blocks these are. */
    public long count() {
        return content.stream().mapToLong(Extent::count).sum() + map.size();
    }

    private void numbers(ByteBuffer root) throws IOException {
        for (int i = 0; i < Inode.DIRECT; i++) {
            number(root, i, i);
        }
        long first = Inode.DIRECT;
        for (int level = 1; level <= LEVELS; level++) {
            first = below(pointer(root, Inode.DIRECT + level - 1), level, first);
        }
    }

    /** Takes what is mapped by an indirect block, and returns where in the file it ends. */
    private long below(long block, int level, long first) throws IOException {
        int pointers = volume.geometry().pointersPerBlock();
        long span = 1;
        for (int i = 0; i < level; i++) {
            span *= pointers;
        }
        if (block != 0) {
            ByteBuffer entries = mapBlock(block);
            for (int i = 0; i < pointers; i++) {
                long at = first + i * (span / pointers);
                if (level == 1) {
                    number(entries, i, at);
                } else {
                    below(pointer(entries, i), level - 1, at);
                }
            }
        }
        return first + span;
    }

    private void number(ByteBuffer entries, int index, long logical) throws IOException {
        long physical = pointer(entries, index);
        if (physical != 0) {
            add(new Extent(logical, physical, 1), name);
        }
    }

    private static long pointer(ByteBuffer entries, int index) {
        return Integer.toUnsignedLong(entries.getInt(index * Integer.BYTES));
    }

    /**
     * Takes what a node of a tree of extents maps, none of it before a certain block of the file. Returns where it
     * ends.
     */
    private long extents(ByteBuffer node, int maxDepth, long first) throws IOException {
        int entries = node.getShort(2) & 0xffff;
        int depth = node.getShort(6) & 0xffff;
        if ((node.getShort(0) & 0xffff) != EXTENTS_MAGIC
                || depth > maxDepth
                || entries > (node.capacity() - ENTRY) / ENTRY) {
            throw new DiskFormatException("the extents of " + name + " are damaged: magic number 0x"
                    + Integer.toHexString(node.getShort(0) & 0xffff) + ", depth " + depth + ", " + entries
                    + " entries");
        }
        long end = first;
        for (int at = ENTRY; at < ENTRY + entries * ENTRY; at += ENTRY) {
            long logical = Integer.toUnsignedLong(node.getInt(at));
            if (logical < end) {
                throw new DiskFormatException("the extents of " + name + " are not in order at block " + logical);
            }
            end = depth == 0 ? leaf(node, at, logical) : child(node, at, logical, depth - 1);
        }
        return end;
    }

    private long child(ByteBuffer node, int at, long logical, int depth) throws IOException {
        ByteBuffer below =
                mapBlock(Integer.toUnsignedLong(node.getInt(at + 4)) | (node.getShort(at + 8) & 0xffffL) << 32);
        if ((below.getShort(6) & 0xffff) != depth) {
            throw new DiskFormatException("the extents of " + name + " are damaged: a block of depth "
                    + (below.getShort(6) & 0xffff) + " where " + depth + " should be");
        }
        return extents(below, depth, logical);
    }

    private long leaf(ByteBuffer node, int at, long logical) throws IOException {
        int length = node.getShort(at + 4) & 0xffff;
        unwritten |= length > MAX_WRITTEN;
        int count = length > MAX_WRITTEN ? length - MAX_WRITTEN : length;
        long physical = Integer.toUnsignedLong(node.getInt(at + 8)) | (node.getShort(at + 6) & 0xffffL) << 32;
        if (count == 0) {
            throw new DiskFormatException("the extents of " + name + " are damaged: one without blocks");
        }
        add(new Extent(logical, physical, count), "the extents of " + name);
        return logical + count;
    }

    private void add(Extent extent, String from) throws IOException {
        volume.checkBlocks(extent.physical(), extent.count(), from);
        int last = content.size() - 1;
        if (last >= 0 && content.get(last).isFollowedBy(extent)) {
            Extent before = content.get(last);
            content.set(last, new Extent(before.logical(), before.physical(), before.count() + extent.count()));
        } else {
            checkPieces();
            content.add(extent);
        }
    }

    private ByteBuffer mapBlock(long block) throws IOException {
        volume.checkBlocks(block, 1, "the map of " + name);
        if (!seen.add(block)) {
            throw new DiskFormatException("the map of " + name + " names block " + block + " twice");
        }
        checkPieces();
        map.add(block);
        return ByteBuffer.wrap(volume.block(block)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void checkPieces() throws LimitException {
        if (content.size() + map.size() >= MAX_PIECES) {
            throw new LimitException(name + " is in more than " + MAX_PIECES + " pieces, the limit");
        }
    }
}
