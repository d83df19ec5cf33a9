package dev.construir.disk.compress;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import dev.construir.disk.LimitException;
import dev.construir.ext.Allocation;
import dev.construir.ext.DescriptorTable;
import dev.construir.ext.EditableGroups;
import dev.construir.ext.Geometry;
import dev.construir.ext.Superblock;
import dev.construir.volume.Bitmap;
import dev.construir.volume.BlockRanges;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.Journal;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A disk as if the free blocks of its file system held zeros. What is free is believed only where all bitmaps agree
 * with everything else that describes it, and call nothing free that the file system itself uses. Takes up to 6 MiB of
 * memory.
 */
final class FreeAsZeros implements BlockSource {
    /** A TiB in groups of 128 MiB. */
    private static final int MAX_GROUPS = 1 << 13;

    private static final int MAX_DESCRIPTORS = 1 << 20;
    private static final int KEPT = 8;

    private final BlockSource disk;
    private final Allocation allocation;
    private final Geometry geometry;
    private final EditableGroups groups;
    private final @Nullable Bitmap[] kept = new Bitmap[KEPT];
    private final int[] keptGroups = new int[KEPT];
    private volatile Run last = new Run(false, 0, 0);

    private FreeAsZeros(BlockSource disk) throws IOException {
        byte[] superblock = disk.read(Superblock.OFFSET, Superblock.SIZE);
        this.disk = disk;
        this.allocation = Allocation.of(superblock, disk.size());
        this.geometry = allocation.superblock().geometry();
        ExtVolume volume = new ExtVolume(disk);
        Journal.checkEmpty(volume, allocation.journal());
        DescriptorTable table = new DescriptorTable(allocation.superblock(), superblock);
        BlockRanges.Builder ownUse = new BlockRanges.Builder(geometry.blocks());
        this.groups = groups(volume, table, ownUse);
        checkBitmaps(ownUse(ownUse));
    }

    /**
     * Looks at a disk this way; as it is, if it does not begin as a file system, or there is anything odd about that.
     */
    static BlockSource on(BlockSource disk) throws IOException {
        try {
            return ExtVolume.isOn(disk) ? new FreeAsZeros(disk) : disk;
        } catch (DiskFormatException e) {
            return disk;
        }
    }

    private EditableGroups groups(ExtVolume volume, DescriptorTable table, BlockRanges.Builder ownUse)
            throws IOException {
        int size = geometry.descriptorSize();
        if (geometry.groups() > MAX_GROUPS || geometry.groups() * size > MAX_DESCRIPTORS) {
            throw new LimitException(geometry.groups() + " groups, more than are looked at");
        }
        byte[] descriptors = new byte[geometry.groups() * size];
        for (int group = 0; group < geometry.groups(); group++) {
            long block = table.block(group);
            volume.checkBlocks(block, 1, "the place of the descriptor of group " + group);
            System.arraycopy(volume.block(block), table.inBlock(group), descriptors, group * size, size);
            if (table.inBlock(group) == 0) {
                ownUse.add(block, 1, "descriptors from group on", group);
            }
        }
        return new EditableGroups(descriptors, geometry, allocation.checksums());
    }

    private BlockRanges ownUse(BlockRanges.Builder ranges) throws DiskFormatException {
        ranges.add(Superblock.OFFSET / geometry.blockSize(), 1, "the superblock");
        ranges.add(geometry, groups);
        return ranges.build();
    }

    private void checkBitmaps(BlockRanges ownUse) throws IOException {
        long free = 0;
        for (int group = 0; group < geometry.groups(); group++) {
            free += groups.freeBlocks(group);
            if (!groups.hasBlocksUninitialised(group)) {
                Bitmap bitmap = read(group);
                boolean sealed = groups.hasBlockChecksum(group, bitmap.bytes(), allocation.bitmapBytes());
                long start = geometry.groupStart(group);
                if (!sealed
                        || bitmap.free() != groups.freeBlocks(group)
                        || !ownUse.areSet(bitmap, start, geometry.groupEnd(group), allocation.clusterBlocks())) {
                    throw new DiskFormatException("the block bitmap of group " + group + " is damaged");
                }
            }
        }
        if (free * allocation.clusterBlocks() != allocation.superblock().freeBlocks()) {
            throw new DiskFormatException(free + " free in all groups, but in all "
                    + allocation.superblock().freeBlocks() + " blocks");
        }
    }

    private Bitmap read(int group) throws IOException {
        long blocks = geometry.groupEnd(group) - geometry.groupStart(group);
        int cluster = allocation.clusterBlocks();
        int size = Math.toIntExact((blocks + cluster - 1) / cluster);
        return new Bitmap(disk.read(geometry.offset(groups.blockBitmap(group)), geometry.blockSize()), size);
    }

    private synchronized Bitmap bitmap(int group) throws IOException {
        int slot = group % KEPT;
        Bitmap bitmap = kept[slot];
        if (bitmap == null || keptGroups[slot] != group) {
            bitmap = read(group);
            kept[slot] = bitmap;
            keptGroups[slot] = group;
        }
        return bitmap;
    }

    /** Bytes from a place where it was asked up to an end, all of which are free, or none. */
    private record Run(boolean free, long start, long end) {}

    private Run run(long offset) throws IOException {
        Run before = last;
        if (offset >= before.start() && offset < before.end()) {
            return before;
        }
        Run found = find(offset);
        last = found;
        return found;
    }

    private Run find(long offset) throws IOException {
        long block = offset / geometry.blockSize();
        if (block < geometry.firstBlock()) {
            return new Run(false, offset, geometry.offset(geometry.firstBlock()));
        } else if (block >= geometry.blocks()) {
            return new Run(false, offset, disk.size());
        }
        int group = Math.toIntExact((block - geometry.firstBlock()) / geometry.blocksPerGroup());
        long start = geometry.groupStart(group);
        long end = geometry.groupEnd(group);
        if (groups.hasBlocksUninitialised(group)) { // it has no bitmap yet; nothing was written to its free blocks
            return new Run(false, offset, geometry.offset(end));
        }
        Bitmap bitmap = bitmap(group);
        int bit = Math.toIntExact((block - start) / allocation.clusterBlocks());
        boolean free = !bitmap.get(bit);
        int next = free ? bitmap.nextUsed(bit) : bitmap.nextFree(bit);
        long runEnd = next < 0 ? end : Math.min(end, start + (long) next * allocation.clusterBlocks());
        return new Run(free, offset, geometry.offset(runEnd));
    }

    @Override
    public long size() {
        return disk.size();
    }

    @Override
    public boolean isZero(long offset, int length) throws IOException {
        long at = offset;
        while (at < offset + length) {
            Run run = run(at);
            long end = Math.min(run.end(), offset + length);
            if (!run.free() && !disk.isZero(at, (int) (end - at))) {
                return false;
            }
            at = end;
        }
        return true;
    }

    @Override
    public int dataLength(long offset, int length) throws IOException {
        int data = 0;
        long end = offset + length;
        for (long at = offset; at < end; ) {
            Run run = run(at);
            long next = Math.min(run.end(), end);
            int found = run.free() ? 0 : disk.dataLength(at, (int) (next - at));
            data = found == 0 ? data : (int) (at - offset) + found;
            at = next;
        }
        return data;
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws IOException {
        long position = offset;
        long end = offset + length;
        while (position < end) {
            Run run = run(position);
            int there = at + (int) (position - offset);
            int count = (int) (Math.min(end, run.end()) - position);
            if (run.free()) {
                Arrays.fill(into, there, there + count, (byte) 0);
            } else {
                disk.read(position, into, there, count);
            }
            position += count;
        }
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
