package dev.construir.disk.edit;

import dev.construir.disk.DiskFullException;
import dev.construir.ext.Extent;
import dev.construir.ext.ExtentTree;
import dev.construir.ext.FileMap;
import dev.construir.ext.Geometry;
import dev.construir.ext.IndirectTree;
import dev.construir.thread.InterruptPolicy;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores the content of a file in free blocks, at once: until something refers to it, the file system is unchanged.
 * Blocks of zeros become holes.
 */
final class ContentStore {
    private static final int CHUNK = 256 << 10;

    private final EditTransaction edit;
    private final Geometry geometry;
    private final int blockSize;
    private final long end;
    private final byte[] chunk = new byte[CHUNK];
    private final byte[] zeros;
    private final List<Extent> extents = new ArrayList<>();

    ContentStore(EditTransaction edit) {
        this.edit = edit;
        this.geometry = edit.geometry;
        this.blockSize = geometry.blockSize();
        this.zeros = new byte[blockSize];
        this.end = edit.superblock.hasExtents() ? geometry.blocks() : Math.min(geometry.blocks(), 1L << 32);
    }

    /** What came of it: the map, and how many blocks it all takes. */
    record Stored(FileMap map, long blocks) {}

    /** Stores a stream of a known size. */
    Stored store(String path, InputStream content, long size) throws IOException {
        long max = edit.superblock.hasExtents() ? ExtentTree.MAX_FILE_BLOCKS : geometry.maxFileBlocks();
        if (size > max * blockSize) {
            throw new DiskFullException(
                    path + " has " + size + " bytes; a file on this disk has at most " + max * blockSize);
        }
        for (long done = 0; done < size; done += CHUNK) {
            InterruptPolicy.RESPECTED.check();
            int wanted = (int) Math.min(CHUNK, size - done);
            int got = content.readNBytes(chunk, 0, wanted);
            if (got < wanted) {
                throw new EOFException(path + " ends after " + (done + got) + " of " + size + " bytes");
            }
            int padded = (got + blockSize - 1) / blockSize * blockSize;
            Arrays.fill(chunk, got, padded, (byte) 0);
            storeChunk(done / blockSize, padded / blockSize);
        }
        if (content.read() >= 0) {
            throw new IOException(path + " is longer than the " + size + " bytes it was said to have");
        }
        return mapped(extents);
    }

    /** Maps extents, by blocks of the map that are taken for it. */
    Stored mapped(List<Extent> all) throws IOException {
        FileMap map = edit.superblock.hasExtents()
                ? ExtentTree.of(all, blockSize, () -> edit.allocation.allocate(end))
                : IndirectTree.of(all, blockSize, () -> edit.allocation.allocate(end));
        long blocks = all.stream().mapToLong(Extent::count).sum() + map.blocks().size();
        long sectors = (blocks + 1) * (blockSize / 512);
        if (sectors > edit.superblock.maxSectors()) {
            throw new DiskFullException("a file on this disk takes at most " + edit.superblock.maxSectors()
                    + " sectors of 512 bytes, not " + sectors);
        }
        return new Stored(map, blocks);
    }

    /** Takes a block before those that the map of a file can name. */
    long allocate() throws IOException {
        return edit.allocation.allocate(end);
    }

    private void storeChunk(long first, int count) throws IOException {
        int from = 0;
        Extent run = null;
        for (int i = 0; i < count; i++) {
            if (isHole(i)) {
                continue;
            }
            Extent block = new Extent(first + i, allocate(), 1);
            if (run != null && run.isFollowedBy(block)) {
                run = new Extent(run.logical(), run.physical(), run.count() + 1);
            } else {
                write(run, from);
                run = block;
                from = i;
            }
        }
        write(run, from);
    }

    private void write(@Nullable Extent run, int from) throws IOException {
        if (run == null) {
            return;
        }
        edit.writeContent(run.physical(), chunk, from * blockSize, Math.toIntExact(run.count() * blockSize));
        int last = extents.size() - 1;
        if (last >= 0 && extents.get(last).isFollowedBy(run)) {
            Extent before = extents.get(last);
            extents.set(last, new Extent(before.logical(), before.physical(), before.count() + run.count()));
        } else {
            extents.add(run);
        }
    }

    private boolean isHole(int block) {
        return Arrays.equals(chunk, block * blockSize, (block + 1) * blockSize, zeros, 0, blockSize);
    }
}
