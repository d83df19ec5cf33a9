package dev.construir.disk;

import dev.construir.ext.Geometry;
import dev.construir.ext.Layout;

/** Hands out the blocks of a disk one after the other. What is used follows from where it has got to, so no bitmap is kept. */
final class BlockAllocator {
    private final Layout layout;
    private final Geometry geometry;
    private int group;
    private long next;

    BlockAllocator(Layout layout) {
        this.layout = layout;
        this.geometry = layout.geometry();
        this.next = layout.firstData(0);
    }

    /** Returns the next free block, or 0 if there is none. */
    long allocate() {
        while (next == geometry.groupEnd(group)) {
            if (group + 1 == geometry.groups()) {
                return 0;
            }
            group++;
            next = layout.firstData(group);
        }
        return next++;
    }

    /** Returns how many blocks of a group are used. They are its first ones, its metadata included. */
    int used(int of) {
        long end = of < group ? geometry.groupEnd(of) : of == group ? next : layout.firstData(of);
        return Math.toIntExact(end - geometry.groupStart(of));
    }
}
