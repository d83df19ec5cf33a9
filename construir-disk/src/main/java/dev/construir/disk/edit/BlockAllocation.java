package dev.construir.disk.edit;

import dev.construir.DiskFormatException;
import dev.construir.disk.DiskFullException;
import dev.construir.disk.LimitException;
import dev.construir.ext.EditableGroups;
import dev.construir.ext.EditableSuperblock;
import dev.construir.ext.Extent;
import dev.construir.ext.Geometry;
import dev.construir.volume.Bitmap;
import dev.construir.volume.BlockRanges;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.FileBlocks;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which blocks and inodes are used, for one change of a file system: what is taken and given back here is in memory
 * until it is asked for. Takes 128 bytes of memory for a group, and two blocks for each group that is looked into.
 */
final class BlockAllocation {
    /** 8 TiB in groups of 128 MiB. */
    private static final int MAX_GROUPS = 1 << 16;

    /** Where an inode's map names its block of two levels. */
    private static final int RESIZE_MAP = 13 * Integer.BYTES;

    private final EditableDisk image;
    private final ExtVolume volume;
    private final Geometry geometry;
    private final EditableSuperblock superblock;
    private final EditableGroups groups;
    private final byte[] written;
    private final BlockRanges reserved;
    private final SortedMap<Integer, Bitmap> blocks = new TreeMap<>();
    private final SortedMap<Integer, Bitmap> inodes = new TreeMap<>();
    private long cursor;

    BlockAllocation(EditableDisk image, ExtVolume volume, EditableSuperblock superblock) throws IOException {
        this.image = image;
        this.volume = volume;
        this.geometry = superblock.geometry();
        this.superblock = superblock;
        if (geometry.groups() > MAX_GROUPS) {
            throw new LimitException(geometry.groups() + " groups; up to " + MAX_GROUPS + " can be changed");
        }
        byte[] descriptors = image.read(geometry.offset(descriptors()), geometry.groups() * geometry.descriptorSize());
        groups = new EditableGroups(descriptors, geometry, superblock.checksums());
        written = descriptors.clone();
        reserved = reserved();
    }

    private long descriptors() {
        return geometry.firstBlock() + 1L;
    }

    private BlockRanges reserved() throws IOException {
        BlockRanges.Builder ranges = new BlockRanges.Builder(geometry.blocks());
        ranges.add(0, geometry.firstBlock(), "the boot sector");
        for (int group = 0; group < geometry.groups(); group++) {
            ranges.add(
                    geometry.groupStart(group),
                    superblock.copies(group),
                    "copies of superblock and descriptors",
                    group);
        }
        ranges.add(geometry, groups);
        if (superblock.resizeInode() != 0) { // what it maps is among the copies, but for the block it begins with
            long block = volume.inode(superblock.resizeInode())
                    .map()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt(RESIZE_MAP);
            ranges.add(
                    Integer.toUnsignedLong((int) block), block == 0 ? 0 : 1, "the map of what is kept for more groups");
        }
        for (long inode : superblock.hidden()) {
            FileBlocks of = FileBlocks.of(volume, inode, volume.inode(inode));
            for (long block : of.map()) {
                ranges.add(block, 1, "the map of inode " + inode);
            }
            for (Extent extent : of.content()) {
                ranges.add(extent.physical(), extent.count(), "inode " + inode);
            }
        }
        return ranges.build();
    }

    /** Returns how many blocks are free, as the descriptors say. */
    long freeBlocks() {
        long free = 0;
        for (int group = 0; group < geometry.groups(); group++) {
            free += groups.freeBlocks(group);
        }
        return free;
    }

    /** Returns how many inodes are free, as the descriptors say. */
    long freeInodes() {
        long free = 0;
        for (int group = 0; group < geometry.groups(); group++) {
            free += groups.freeInodes(group);
        }
        return free;
    }

    /** Compares all bitmaps with what the descriptors say of them. */
    void check() throws IOException {
        for (int group = 0; group < geometry.groups(); group++) {
            loadBlocks(group);
            loadInodes(group);
        }
    }

    /** Begins to look for free blocks at a block. */
    void searchFrom(long block) {
        cursor = block;
    }

    /** Begins to look for free blocks in the group of an inode. */
    void searchFromGroupOf(long inode) {
        searchFrom(geometry.groupStart(geometry.groupOfInode(inode)));
    }

    /**
     * Takes a free block before a certain one: the next behind the last one taken, if there is one.
     *
     * @throws DiskFullException if there is none
     */
    long allocate(long end) throws IOException {
        int first = cursor < end ? groupOf(cursor) : 0;
        int from = cursor < end ? (int) (cursor - geometry.groupStart(first)) : 0;
        for (int i = 0; i <= geometry.groups(); i++) {
            int group = (first + i) % geometry.groups();
            boolean known = blocks.containsKey(group);
            if ((known || groups.freeBlocks(group) > 0) && geometry.groupEnd(group) <= end) {
                Bitmap bitmap = blocks(group);
                int bit = bitmap.nextFree(from);
                if (bit >= 0) {
                    long block = geometry.groupStart(group) + bit;
                    reserved.checkOutside(block, 1, "the bitmap of free blocks of group " + group);
                    bitmap.set(bit);
                    cursor = block + 1;
                    return block;
                }
            }
            from = 0;
        }
        throw new DiskFullException("the disk of " + geometry.bytes() + " bytes is full: no block of "
                + geometry.blockSize() + " bytes is free");
    }

    /** Gives blocks back. */
    void release(long first, long count, String who) throws IOException {
        reserved.checkOutside(first, count, who);
        for (long block = first; block < first + count; block++) {
            int group = groupOf(block);
            Bitmap bitmap = blocks(group);
            int bit = (int) (block - geometry.groupStart(group));
            if (!bitmap.get(bit)) {
                throw new DiskFormatException(who + " names block " + block + ", which is free");
            }
            bitmap.clear(bit);
        }
    }

    /** Checks that blocks hold content of files, and may be changed. */
    void checkUsed(long first, long count, String who) throws IOException {
        reserved.checkOutside(first, count, who);
        for (long block = first; block < first + count; block++) {
            int group = groupOf(block);
            if (!blocks(group).get((int) (block - geometry.groupStart(group)))) {
                throw new DiskFormatException(who + " names block " + block + ", which is free");
            }
        }
    }

    /**
     * Takes a free inode, near another.
     *
     * @throws DiskFullException if there is none
     */
    long allocateInode(long near) throws IOException {
        int first = geometry.groupOfInode(near);
        for (int i = 0; i < geometry.groups(); i++) {
            int group = (first + i) % geometry.groups();
            if (groups.freeInodes(group) > 0) {
                long before = (long) group * geometry.inodesPerGroup();
                int bit = inodes(group).nextFree((int) Math.max(0, superblock.firstInode() - 1 - before));
                if (bit >= 0) {
                    inodes(group).set(bit);
                    return before + bit + 1;
                }
            }
        }
        throw new DiskFullException("the disk is full: all of its " + geometry.inodes() + " inodes are used");
    }

    /** Gives an inode back. */
    void releaseInode(long number) throws IOException {
        checkUsedInode(number);
        inodes(geometry.groupOfInode(number)).clear((int) ((number - 1) % geometry.inodesPerGroup()));
    }

    /** Checks that an inode is used, as the bitmap says, and by no part of the file system itself. */
    void checkUsedInode(long number) throws IOException {
        if (number < superblock.firstInode() || superblock.hidden().contains(number)) {
            throw new DiskFormatException(volume.describe(number) + " belongs to the file system itself");
        }
        int group = geometry.groupOfInode(number);
        int bit = (int) ((number - 1) % geometry.inodesPerGroup());
        if (!inodes(group).get(bit) || bit >= geometry.inodesPerGroup() - groups.unusedInodes(group)) {
            throw new DiskFormatException(volume.describe(number) + " is used, but the bitmap says it is free");
        }
    }

    /** Returns where an inode stands on the disk, in bytes. */
    long offsetOfInode(long number) {
        return geometry.offset(groups.inodeTable(geometry.groupOfInode(number))) + geometry.offsetInTable(number);
    }

    /**
     * Returns what has to be written since this was last asked: bitmaps, then their descriptors. The superblock learns
     * what is free.
     */
    List<PendingWrite> pendingWrites() {
        List<PendingWrite> writes = new ArrayList<>();
        blocks.forEach((group, bitmap) -> {
            if (bitmap.takeChanged()) {
                groups.setBlocks(group, bitmap.free(), bitmap.bytes(), geometry.blocksPerGroup() / Byte.SIZE);
                writes.add(new PendingWrite(geometry.offset(groups.blockBitmap(group)), bitmap.bytes()));
            }
        });
        inodes.forEach((group, bitmap) -> {
            if (bitmap.takeChanged()) {
                groups.setInodes(
                        group,
                        bitmap.free(),
                        Math.min(groups.unusedInodes(group), bitmap.unusedAtEnd()),
                        bitmap.bytes(),
                        geometry.inodesPerGroup() / Byte.SIZE);
                writes.add(new PendingWrite(geometry.offset(groups.inodeBitmap(group)), bitmap.bytes()));
            }
        });
        for (int group = 0; group < geometry.groups(); group++) {
            int from = groups.offset(group);
            int to = from + geometry.descriptorSize();
            if (!Arrays.equals(groups.bytes(), from, to, written, from, to)) {
                System.arraycopy(groups.bytes(), from, written, from, to - from);
                writes.add(new PendingWrite(
                        geometry.offset(descriptors()) + from, Arrays.copyOfRange(groups.bytes(), from, to)));
            }
        }
        superblock.setFree(freeBlocks(), freeInodes());
        return writes;
    }

    private int groupOf(long block) {
        return Math.toIntExact((block - geometry.firstBlock()) / geometry.blocksPerGroup());
    }

    private Bitmap blocks(int group) throws IOException {
        Bitmap known = blocks.get(group);
        if (known == null) {
            known = loadBlocks(group);
            blocks.put(group, known);
        }
        return known;
    }

    private Bitmap inodes(int group) throws IOException {
        Bitmap known = inodes.get(group);
        if (known == null) {
            known = loadInodes(group);
            inodes.put(group, known);
        }
        return known;
    }

    private Bitmap loadBlocks(int group) throws IOException {
        int size = Math.toIntExact(geometry.groupEnd(group) - geometry.groupStart(group));
        Bitmap bitmap;
        boolean sealed = true;
        if (groups.hasBlocksUninitialised(group)) {
            bitmap = Bitmap.empty(geometry.blockSize(), size);
            reserved.mark(bitmap, geometry.groupStart(group), geometry.groupEnd(group));
            bitmap.takeChanged();
        } else {
            byte[] bytes = image.read(geometry.offset(groups.blockBitmap(group)), geometry.blockSize());
            sealed = groups.hasBlockChecksum(group, bytes, geometry.blocksPerGroup() / Byte.SIZE);
            bitmap = new Bitmap(bytes, size);
        }
        return checked(bitmap, groups.freeBlocks(group), sealed, groups.blockBitmap(group), "block", group);
    }

    private Bitmap loadInodes(int group) throws IOException {
        Bitmap bitmap;
        boolean sealed = true;
        if (groups.hasInodesUninitialised(group)) {
            bitmap = Bitmap.empty(geometry.blockSize(), geometry.inodesPerGroup());
        } else {
            byte[] bytes = image.read(geometry.offset(groups.inodeBitmap(group)), geometry.blockSize());
            sealed = groups.hasInodeChecksum(group, bytes, geometry.inodesPerGroup() / Byte.SIZE);
            bitmap = new Bitmap(bytes, geometry.inodesPerGroup());
        }
        checked(bitmap, groups.freeInodes(group), sealed, groups.inodeBitmap(group), "inode", group);
        if (groups.unusedInodes(group) > bitmap.unusedAtEnd()) {
            throw new DiskFormatException("the descriptor of group " + group + " says that its last "
                    + groups.unusedInodes(group) + " inodes were never used, but only " + bitmap.unusedAtEnd()
                    + " are free");
        }
        return bitmap;
    }

    private Bitmap checked(Bitmap bitmap, int free, boolean sealed, long block, String kind, int group)
            throws DiskFormatException {
        String what = "the " + kind + " bitmap of group " + group + " at byte " + geometry.offset(block);
        if (!sealed) {
            throw new DiskFormatException(what + " has a wrong checksum");
        }
        if (bitmap.free() != free) {
            throw new DiskFormatException(
                    what + " has " + bitmap.free() + " free, but the group's descriptor says " + free);
        }
        return bitmap;
    }
}
