package dev.construir.disk.write;

import dev.construir.ext.Features;
import dev.construir.ext.Geometry;
import dev.construir.ext.GroupDescriptor;
import dev.construir.ext.Layout;
import dev.construir.ext.Superblock;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;

/** Writes what the file system keeps about its groups: bitmaps, descriptors, and the superblock with its copies. */
final class GroupWriter {
    private final ImageFile image;
    private final Layout layout;
    private final Geometry geometry;
    private final DiskOptions options;

    GroupWriter(ImageFile image, Layout layout, DiskOptions options) {
        this.image = image;
        this.layout = layout;
        this.geometry = layout.geometry();
        this.options = options;
    }

    /**
     * Writes all groups, of which the inodes before one are used, but for free ones, and so many in each group are
     * directories.
     */
    void write(BlockAllocator blocks, InodeAllocator inodes, int[] directories) throws IOException {
        byte[] descriptors = new byte[layout.descriptorBlocks() * geometry.blockSize()];
        byte[] bitmaps = new byte[2 * geometry.blockSize()];
        long freeBlocks = 0;
        for (int group = 0; group < geometry.groups(); group++) {
            int blocksIn = Math.toIntExact(geometry.groupEnd(group) - geometry.groupStart(group));
            int inodesUsed = inodes.used(group);
            fill(bitmaps, 0, blocks.used(group), blocksIn);
            fill(bitmaps, geometry.blockSize(), inodesUsed, geometry.inodesPerGroup());
            long start = geometry.groupStart(group);
            List<Long> freed = blocks.freeIn(group);
            freed.forEach(block -> clear(bitmaps, (int) (block - start)));
            SortedSet<Integer> freedInodes = inodes.freeIn(group);
            freedInodes.forEach(inode ->
                    clear(bitmaps, geometry.blockSize() * Byte.SIZE + (inode - 1) % geometry.inodesPerGroup()));
            image.append(geometry.offset(layout.blockBitmap(group)), bitmaps, 0, bitmaps.length);
            int free = blocksIn - blocks.used(group) + freed.size();
            freeBlocks += free;
            new GroupDescriptor(
                            layout.blockBitmap(group),
                            layout.inodeBitmap(group),
                            layout.inodeTable(group),
                            free,
                            geometry.inodesPerGroup() - inodesUsed + freedInodes.size(),
                            directories[group])
                    .encode(descriptors, group * geometry.descriptorSize());
        }
        Superblock superblock = new Superblock(
                geometry,
                freeBlocks,
                inodes.free(),
                Features.DIR_INDEX | Features.EXT_ATTR,
                Features.FILETYPE,
                Features.SPARSE_SUPER | Features.LARGE_FILE,
                true,
                "construir",
                options.uuid(),
                options.time());
        image.flush();
        // The first one last: without it the rest is no file system.
        for (int group = geometry.groups() - 1; group >= 0; group--) {
            if (Layout.hasSuperblock(group)) {
                long start = geometry.groupStart(group);
                image.write(geometry.offset(start + 1), descriptors, descriptors.length);
                long at = group == 0 ? Superblock.OFFSET : geometry.offset(start);
                image.write(at, superblock.encode(group), Superblock.SIZE);
            }
        }
    }

    private static void clear(byte[] bitmaps, int bit) {
        bitmaps[bit / 8] &= (byte) ~(1 << (bit % 8));
    }

    /** Sets the bits of what is used and of what does not exist, and clears those between. */
    private void fill(byte[] bitmaps, int from, int used, int existing) {
        int end = from + geometry.blockSize();
        Arrays.fill(bitmaps, from, end, (byte) 0);
        Arrays.fill(bitmaps, from, from + used / 8, (byte) 0xff);
        if (used % 8 != 0) {
            bitmaps[from + used / 8] = (byte) ((1 << (used % 8)) - 1);
        }
        if (existing % 8 != 0) {
            bitmaps[from + existing / 8] |= (byte) (0xff << (existing % 8));
        }
        Arrays.fill(bitmaps, from + (existing + 7) / 8, end, (byte) 0xff);
    }
}
