package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.EditableGroups;
import dev.construir.ext.Geometry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ranges of blocks that a file system keeps for itself, and no file may use. */
public final class BlockRanges {
    /** Blocks from the first to before the end, what they hold, and of which group, if of one. */
    private record Range(long first, long end, String kind, int group) {
        String what() {
            return group < 0 ? kind : kind + " of group " + group;
        }
    }

    private final List<Range> ranges;

    private BlockRanges(List<Range> sorted) {
        this.ranges = sorted;
    }

    /** Collects ranges. */
    public static final class Builder {
        private final long blocks;
        private final List<Range> ranges = new ArrayList<>();

        /** Creates a builder for a disk of so many blocks. */
        public Builder(long blocks) {
            this.blocks = blocks;
        }

        public void add(long first, long count, String what) throws DiskFormatException {
            add(first, count, what, -1);
        }

        public void add(long first, long count, String kind, int group) throws DiskFormatException {
            Range range = new Range(first, first + count, kind, group);
            if (first < 0 || first > blocks - count) {
                throw new DiskFormatException(
                        range.what() + " would be in " + count + " blocks from " + first + " on, of " + blocks);
            }
            if (count > 0) {
                ranges.add(range);
            }
        }

        /** Adds the bitmaps and the inodes of all groups. */
        public void add(Geometry geometry, EditableGroups groups) throws DiskFormatException {
            long bytes = (long) geometry.inodesPerGroup() * geometry.inodeSize();
            long table = (bytes + geometry.blockSize() - 1) / geometry.blockSize();
            for (int group = 0; group < geometry.groups(); group++) {
                add(groups.blockBitmap(group), 1, "the block bitmap", group);
                add(groups.inodeBitmap(group), 1, "the inode bitmap", group);
                add(groups.inodeTable(group), table, "the inodes", group);
            }
        }

        /**
         * Makes the ranges.
         *
         * @throws DiskFormatException if two of them overlap
         */
        public BlockRanges build() throws DiskFormatException {
            ranges.sort(Comparator.comparingLong(Range::first));
            for (int i = 1; i < ranges.size(); i++) {
                if (ranges.get(i).first < ranges.get(i - 1).end) {
                    throw new DiskFormatException("block " + ranges.get(i).first + " would hold both "
                            + ranges.get(i - 1).what() + " and " + ranges.get(i).what());
                }
            }
            return new BlockRanges(List.copyOf(ranges));
        }
    }

    /** Checks that blocks are none of these. */
    public void checkOutside(long first, long count, String who) throws DiskFormatException {
        int at = firstEndingAfter(first);
        if (at < ranges.size() && ranges.get(at).first < first + count) {
            throw new DiskFormatException(who + " names block " + Math.max(first, ranges.get(at).first)
                    + ", which holds " + ranges.get(at).what());
        }
    }

    /** Sets the bits of these blocks, of those from the first to before the end. */
    public void mark(Bitmap bitmap, long first, long end) {
        for (int at = firstEndingAfter(first); at < ranges.size() && ranges.get(at).first < end; at++) {
            long to = Math.min(end, ranges.get(at).end);
            for (long block = Math.max(first, ranges.get(at).first); block < to; block++) {
                bitmap.set((int) (block - first));
            }
        }
    }

    /**
     * Returns whether the bits of these blocks are set, of those from the first to before the end, where a bit stands
     * for so many blocks.
     */
    public boolean areSet(Bitmap bitmap, long first, long end, int blocksPerBit) {
        for (int at = firstEndingAfter(first); at < ranges.size() && ranges.get(at).first < end; at++) {
            long to = Math.min(end, ranges.get(at).end);
            for (long block = Math.max(first, ranges.get(at).first); block < to; block++) {
                if (!bitmap.get((int) ((block - first) / blocksPerBit))) {
                    return false;
                }
            }
        }
        return true;
    }

    private int firstEndingAfter(long block) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).end <= block) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
