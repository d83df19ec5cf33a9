package dev.construir.disk.write;

import dev.construir.ext.Geometry;
import dev.construir.ext.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Hands out the blocks of a disk one after the other, and first those that were given back. What is used follows from
 * where it has got to, so no bitmap is kept.
 */
final class BlockAllocator {
    private final Layout layout;
    private final Geometry geometry;
    /** Blocks that were given back, as ranges: the first one, and the one behind the last. */
    private final NavigableMap<Long, Long> free = new TreeMap<>();

    private int group;
    private long next;

    BlockAllocator(Layout layout) {
        this.layout = layout;
        this.geometry = layout.geometry();
        this.next = layout.firstData(0);
    }

    /** Returns the next free block, or 0 if there is none. */
    long allocate() {
        Map.Entry<Long, Long> range = free.pollFirstEntry();
        if (range != null) {
            if (range.getKey() + 1 < range.getValue()) {
                free.put(range.getKey() + 1, range.getValue());
            }
            return range.getKey();
        }
        while (next == geometry.groupEnd(group)) {
            if (group + 1 == geometry.groups()) {
                return 0;
            }
            group++;
            next = layout.firstData(group);
        }
        return next++;
    }

    /** Takes a block back. */
    void free(long block) {
        Long behind = free.remove(block + 1);
        long end = behind == null ? block + 1 : behind;
        Map.Entry<Long, Long> before = free.floorEntry(block);
        boolean follows = before != null && before.getValue() == block;
        free.put(follows ? before.getKey() : block, end);
    }

    /** Returns the blocks of a group that were given back. */
    List<Long> freeIn(int of) {
        long start = geometry.groupStart(of);
        long groupEnd = geometry.groupEnd(of);
        Long first = free.floorKey(start);
        List<Long> found = new ArrayList<>();
        free.subMap(first == null ? start : first, groupEnd).forEach((from, to) -> {
            for (long block = Math.max(from, start); block < Math.min(to, groupEnd); block++) {
                found.add(block);
            }
        });
        return found;
    }

    /** Returns how many blocks of a group are used, or were: its first ones, its metadata included. */
    int used(int of) {
        long end = of < group ? geometry.groupEnd(of) : of == group ? next : layout.firstData(of);
        return Math.toIntExact(end - geometry.groupStart(of));
    }
}
