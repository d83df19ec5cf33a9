package dev.construir.disk.write;

import dev.construir.ext.Geometry;
import dev.construir.ext.Superblock;
import java.util.SortedSet;
import java.util.TreeSet;

/** Hands out the inodes of a disk one after the other, and first those that were given back. */
final class InodeAllocator {
    private final Geometry geometry;
    private final TreeSet<Integer> free = new TreeSet<>();
    private int next = Superblock.FIRST_INODE;

    InodeAllocator(Geometry geometry) {
        this.geometry = geometry;
    }

    /** Returns the next free inode, or 0 if there is none. */
    int allocate() {
        Integer freed = free.pollFirst();
        if (freed != null) {
            return freed;
        }
        return next > geometry.inodes() ? 0 : next++;
    }

    void free(int inode) {
        free.add(inode);
    }

    /** Returns how many of a group's inodes are used, or were: its first ones. */
    int used(int group) {
        long before = (long) group * geometry.inodesPerGroup();
        return (int) Math.max(0, Math.min(geometry.inodesPerGroup(), next - 1 - before));
    }

    /** Returns which of a group's inodes were given back. */
    SortedSet<Integer> freeIn(int group) {
        int first = group * geometry.inodesPerGroup() + 1;
        return free.subSet(first, first + geometry.inodesPerGroup());
    }

    /** Returns how many inodes are free in all. */
    long free() {
        return geometry.inodes() - (next - 1) + free.size();
    }
}
