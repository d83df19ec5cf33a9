package dev.construir.disk.write;

import dev.construir.DataSize;
import dev.construir.block.SparseInput;
import dev.construir.disk.DiskFullException;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Stores the content of one file after the other: data blocks, and the indirect blocks that map them. An indirect block
 * is written when it is complete, behind what it maps, so that everything goes to the disk in one sweep.
 */
final class ContentWriter {
    private static final int CHUNK = 256 << 10;
    private static final int LEVELS = 3;
    private static final byte[] ZEROS = new byte[4096];

    private final ImageFile image;
    private final BlockAllocator blocks;
    private final Geometry geometry;
    private final DataSize disk;
    private final int blockSize;
    private final byte[] chunk = new byte[CHUNK];
    private final byte[] encoded;

    /** The indirect block in work on each level, and how full it is. */
    private final int[][] pointers;

    private final int[] filled = new int[LEVELS];
    private final boolean[] used = new boolean[LEVELS];

    private Supplier<String> path = () -> "";
    private long direct;
    private int top;
    private ByteBuffer map = ByteBuffer.allocate(0);
    private long stored;

    ContentWriter(ImageFile image, BlockAllocator blocks, Geometry geometry, DataSize disk) {
        this.disk = disk;
        this.image = image;
        this.blocks = blocks;
        this.geometry = geometry;
        this.blockSize = geometry.blockSize();
        this.encoded = new byte[blockSize];
        this.pointers = new int[LEVELS][geometry.pointersPerBlock()];
    }

    /** What came of it: the map for the inode, and how many sectors it all takes. */
    record Stored(ByteBuffer map, long sectors) {}

    /** Stores a stream of a known size. */
    Stored store(Supplier<String> of, InputStream content, long size) throws IOException {
        begin(of);
        if (size > geometry.maxFileBlocks() * blockSize) {
            throw new DiskFullException(of.get() + " has " + size + " bytes; a file on this disk of " + disk
                    + " has at most " + geometry.maxFileBlocks() * blockSize);
        }
        long left = size;
        while (left > 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            long hole = content instanceof SparseInput sparse ? skipHole(sparse, left) : 0;
            left -= hole > 0 ? hole : storeChunk(content, size, left);
        }
        if (content.read() >= 0) {
            throw new IOException(of.get() + " is longer than the " + size + " bytes it was said to have");
        }
        return end();
    }

    /** Goes past the whole blocks of a hole, and past the last one, which need not be whole. */
    private long skipHole(SparseInput content, long left) throws IOException {
        long hole = Math.min(content.hole(), left);
        long blocks = hole == left ? blocks(hole) : hole / blockSize;
        long skipped = Math.min(hole, blocks * blockSize);
        if (blocks > 0) {
            content.skipHole(skipped);
            addHole(blocks);
        }
        return skipped;
    }

    /** Stores some of the content, up to the end or to a block's; returns how much. */
    private int storeChunk(InputStream content, long size, long left) throws IOException {
        long most = content instanceof SparseInput sparse ? Math.max(1, blocks(sparse.data())) * blockSize : CHUNK;
        int wanted = (int) Math.min(Math.min(CHUNK, most), left);
        int got = content.readNBytes(chunk, 0, wanted);
        if (got < wanted) {
            throw new EOFException(path.get() + " ends after " + (size - left + got) + " of " + size + " bytes");
        }
        int padded = (int) blocks(got) * blockSize;
        Arrays.fill(chunk, got, padded, (byte) 0);
        for (int at = 0; at < padded; at += blockSize) {
            add(chunk, at);
        }
        return got;
    }

    private long blocks(long bytes) {
        return (bytes + blockSize - 1) / blockSize;
    }

    /**
     * Stores a block that is not content of a file, in place of one that was stored so before if there is one. Returns
     * where it is.
     */
    long storeBlock(String of, byte[] bytes, long inPlaceOf) throws IOException {
        if (inPlaceOf != 0) {
            image.append(geometry.offset(inPlaceOf), bytes, 0, blockSize);
            return inPlaceOf;
        }
        begin(() -> of);
        return Integer.toUnsignedLong(write(bytes, 0));
    }

    void begin(Supplier<String> of) {
        path = of;
        direct = 0;
        top = 0;
        map = ByteBuffer.allocate(Inode.MAP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        stored = 0;
    }

    /** Adds a block of content. Zeros become a hole. */
    void add(byte[] bytes, int from) throws IOException {
        boolean hole = Arrays.equals(bytes, from, from + blockSize, ZEROS, 0, blockSize);
        int block = hole ? 0 : write(bytes, from);
        if (direct < Inode.DIRECT) {
            map.putInt((int) direct++ * Integer.BYTES, block);
        } else {
            point(0, block);
        }
    }

    /** Adds blocks of a hole, as many at a time as an indirect block maps if there is none in work below it. */
    private void addHole(long count) throws IOException {
        long left = count;
        for (; left > 0 && direct < Inode.DIRECT; left--) {
            direct++;
        }
        while (left > 0) {
            int level = 0;
            long span = 1;
            while (level < Math.min(top, LEVELS - 1)
                    && filled[level] == 0
                    && span * geometry.pointersPerBlock() <= left) {
                span *= geometry.pointersPerBlock();
                level++;
            }
            point(level, 0);
            left -= span;
        }
    }

    Stored end() throws IOException {
        for (int level = 0; level <= top && level < LEVELS; level++) {
            if (filled[level] > 0) {
                complete(level);
            }
        }
        return new Stored(map, stored * (blockSize / 512));
    }

    private void point(int level, int block) throws IOException {
        pointers[level][filled[level]++] = block;
        used[level] |= block != 0;
        if (filled[level] == pointers[level].length) {
            complete(level);
        }
    }

    /**
     * Writes an indirect block, unless it maps nothing, and hangs it up: in the inode, if that has no block of its
     * level yet.
     */
    private void complete(int level) throws IOException {
        int block = 0;
        if (used[level]) {
            int[] from = pointers[level];
            Arrays.fill(from, filled[level], from.length, 0);
            ByteBuffer.wrap(encoded)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer()
                    .put(from);
            block = write(encoded, 0);
        }
        filled[level] = 0;
        used[level] = false;
        if (level == top) {
            map.putInt((Inode.DIRECT + level) * Integer.BYTES, block);
            top++;
        } else {
            point(level + 1, block);
        }
    }

    /** Gives back the blocks of a file, as its inode maps them. */
    void free(Inode inode) throws IOException {
        image.flush(); // what maps them may not have been written yet
        ByteBuffer root = inode.map().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < Inode.DIRECT + LEVELS; i++) {
            freeBelow(root.getInt(i * Integer.BYTES), Math.max(0, i - Inode.DIRECT + 1));
        }
    }

    /** Gives back a block, and, if it is an indirect one, those that it maps. */
    private void freeBelow(int number, int levels) throws IOException {
        if (number == 0) {
            return;
        }
        long block = Integer.toUnsignedLong(number);
        if (levels > 0) {
            byte[] map = new byte[blockSize];
            image.read(geometry.offset(block), map, blockSize);
            IntBuffer entries =
                    ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
            while (entries.hasRemaining()) {
                freeBelow(entries.get(), levels - 1);
            }
        }
        blocks.free(block);
    }

    /** Gives back a block that is not content of a file. */
    void freeBlock(long block) {
        blocks.free(block);
    }

    private int write(byte[] bytes, int from) throws IOException {
        long block = blocks.allocate();
        if (block == 0) {
            throw new DiskFullException("the disk of " + disk + " is full: " + path.get() + " does not fit, of which "
                    + stored * blockSize + " bytes are stored");
        }
        stored++;
        image.append(geometry.offset(block), bytes, from, blockSize);
        return (int) block;
    }
}
