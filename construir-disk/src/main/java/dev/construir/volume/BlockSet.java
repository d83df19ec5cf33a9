package dev.construir.volume;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Blocks, or inodes, of a disk by number. Those beside each other take a bit each; a page of bits is made when one of
 * its blocks is added.
 */
public final class BlockSet {
    private static final int PAGE = 1024;

    private final Map<Long, BitSet> pages = new HashMap<>();

    /** Adds a block unless it is there, and returns whether it was added. */
    public boolean add(long block) {
        BitSet page = pages.computeIfAbsent(block / PAGE, key -> new BitSet(PAGE));
        int bit = (int) (block % PAGE);
        boolean added = !page.get(bit);
        page.set(bit);
        return added;
    }
}
