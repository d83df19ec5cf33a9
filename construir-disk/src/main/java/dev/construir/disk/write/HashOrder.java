package dev.construir.disk.write;

import dev.construir.ext.DirectoryHash;
import dev.construir.ext.DirectoryPacker;
import dev.construir.ext.IndexPacker;
import java.util.Arrays;

/**
 * The records of a directory in the order of their hashes, divided into leaves. A leaf keeps a fifth of its room free,
 * so that names a guest adds need no new leaf at once.
 */
final class HashOrder {
    private final DirectoryNode node;
    private final int blockSize;
    /** A hash, its highest bit turned so that unsigned order becomes signed, and below it where the record is. */
    private final long[] sorted;
    /** Which records the leaves begin with, and at last how many records there are. */
    private int[] starts = new int[16];

    private int leaves;

    private HashOrder(DirectoryNode node, int blockSize, long[] sorted) {
        this.node = node;
        this.blockSize = blockSize;
        this.sorted = sorted;
    }

    static HashOrder of(DirectoryNode node, DirectoryHash hash, int blockSize) {
        long[] sorted = new long[node.count()];
        int i = 0;
        for (int at = 0; at < node.end(); at = node.next(at)) {
            int value = hash.of(node.records(), node.offsetOfName(at), node.lengthOfName(at));
            sorted[i++] = (long) (value ^ Integer.MIN_VALUE) << 32 | at;
        }
        Arrays.sort(sorted);
        HashOrder order = new HashOrder(node, blockSize, sorted);
        order.divide();
        return order;
    }

    private void divide() {
        int room = blockSize - blockSize / 5;
        int filled = room;
        for (int i = 0; i < sorted.length; i++) {
            int size = DirectoryPacker.size(node.lengthOfName(at(i)));
            if (filled + size > room) {
                begin(i);
                filled = 0;
            }
            filled += size;
        }
        begin(sorted.length);
        leaves--;
    }

    private void begin(int record) {
        if (leaves == starts.length) {
            starts = Arrays.copyOf(starts, 2 * leaves);
        }
        starts[leaves++] = record;
    }

    int leaves() {
        return leaves;
    }

    /** Returns how many nodes are needed between the root and the leaves: 0 if the root has room for all. */
    int nodes() {
        int perNode = IndexPacker.nodeEntries(blockSize);
        return leaves <= IndexPacker.rootEntries(blockSize) ? 0 : (leaves + perNode - 1) / perNode;
    }

    /**
     * Returns whether a root and one level of nodes have room for all; more levels need a feature that not all guests
     * have.
     */
    boolean fits() {
        return nodes() <= IndexPacker.rootEntries(blockSize);
    }

    /** Returns which record a leaf begins with. */
    int first(int leaf) {
        return starts[leaf];
    }

    /** Returns which record is the first behind a leaf. */
    int end(int leaf) {
        return starts[leaf + 1];
    }

    /** Returns where a record is. */
    int at(int record) {
        return (int) sorted[record];
    }

    /** Returns the hash an index has for a leaf, and for a node that begins with it. */
    int indexHash(int leaf) {
        int first = starts[leaf];
        int hash = hash(first);
        return first > 0 && hash(first - 1) == hash ? hash | DirectoryHash.CONTINUED : hash;
    }

    private int hash(int record) {
        return (int) (sorted[record] >>> 32) ^ Integer.MIN_VALUE;
    }
}
