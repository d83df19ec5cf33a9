package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Splits a leaf of a hashed directory into two. */
public final class LeafSplit {
    /** The position of a record and the hash of its name. */
    private record Entry(int at, int hash) {}

    private final byte[] lower;
    private final byte[] upper;
    private final int hash;
    private final boolean continued;

    private LeafSplit(byte[] lower, byte[] upper, int hash, boolean continued) {
        this.lower = lower;
        this.upper = upper;
        this.hash = hash;
        this.continued = continued;
    }

    /**
     * Splits a leaf.
     *
     * @param leaf the block; it has two records at least
     * @param of hashes names
     * @param checksums whether leaves end with checksums
     * @return the two halves of its records, in the order of their hashes
     * @throws DiskFormatException if the block is damaged, or has less records
     */
    public static LeafSplit of(byte[] leaf, DirectoryHash of, Checksums checksums) throws DiskFormatException {
        List<Entry> records = new ArrayList<>();
        int size = 0;
        DirectoryBlock block = new DirectoryBlock(leaf, 0, Long.MAX_VALUE);
        while (block.next()) {
            byte[] name = block.name();
            records.add(new Entry((int) block.position(), of.of(name, 0, name.length)));
            size += DirectoryPacker.size(name.length);
        }
        if (records.size() < 2) {
            throw new DiskFormatException("a directory block of " + records.size() + " records is full");
        }
        records.sort(Comparator.comparingInt(entry -> entry.hash ^ Integer.MIN_VALUE));
        int middle = 0;
        for (int below = 0; middle < records.size() - 1 && (middle == 0 || below < size / 2); middle++) {
            below += DirectoryPacker.size(leaf[records.get(middle).at + 6] & 0xff);
        }
        int hash = records.get(middle).hash;
        return new LeafSplit(
                pack(leaf, records.subList(0, middle), checksums),
                pack(leaf, records.subList(middle, records.size()), checksums),
                hash,
                hash == records.get(middle - 1).hash);
    }

    private static byte[] pack(byte[] leaf, List<Entry> records, Checksums checksums) throws DiskFormatException {
        byte[] block = new byte[leaf.length];
        DirectorySlots slots = new DirectorySlots(block, checksums);
        slots.clear();
        for (Entry record : records) {
            slots.copy(leaf, record.at);
        }
        return block;
    }

    /**
     * Returns the block of the lower hashes.
     *
     * @return the block, not a copy
     */
    public byte[] lower() {
        return lower;
    }

    /**
     * Returns the block of the higher hashes.
     *
     * @return the block, not a copy
     */
    public byte[] upper() {
        return upper;
    }

    /**
     * Returns what the upper block begins with, for the index.
     *
     * @return the hash, {@link DirectoryHash#CONTINUED} if the lower block ends with the same
     */
    public int indexHash() {
        return continued ? hash | DirectoryHash.CONTINUED : hash;
    }

    /**
     * Returns whether a name belongs to the upper block.
     *
     * @param nameHash the name's hash
     * @return whether it does
     */
    public boolean isUpper(int nameHash) {
        return Integer.compareUnsigned(nameHash, indexHash()) >= 0;
    }
}
