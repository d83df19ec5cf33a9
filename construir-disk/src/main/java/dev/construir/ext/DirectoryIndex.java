package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A block of the index of a hashed directory: the root, or a node below it. Twin of the {@link IndexPacker}. */
public final class DirectoryIndex {
    private static final int ENTRY = 8;
    private static final int NODE = 8;
    private static final int ROOT = 32;
    private static final int INFO = 24;

    private final ByteBuffer fields;
    private final int at;

    private DirectoryIndex(byte[] block, int at, Checksums checksums) throws DiskFormatException {
        this.fields = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        this.at = at;
        int end = at + limit() * ENTRY + (checksums.coverAll() ? ENTRY : 0);
        if (count() < 1 || count() > limit() || end > block.length) {
            throw new DiskFormatException(
                    "an index of a directory has " + count() + " entries and room for " + limit());
        }
    }

    /**
     * Takes a root.
     *
     * @param block a directory's first block
     * @param checksums whether it ends with a checksum
     * @return the root
     * @throws DiskFormatException if its counts are not possible
     */
    public static DirectoryIndex root(byte[] block, Checksums checksums) throws DiskFormatException {
        return new DirectoryIndex(block, ROOT, checksums);
    }

    /**
     * Takes a node.
     *
     * @param block the block
     * @param checksums whether it ends with a checksum
     * @return the node
     * @throws DiskFormatException if its counts are not possible
     */
    public static DirectoryIndex node(byte[] block, Checksums checksums) throws DiskFormatException {
        return new DirectoryIndex(block, NODE, checksums);
    }

    /**
     * Returns whether a root says that names are hashed by half MD4.
     *
     * @return whether it does
     */
    public boolean isHalfMd4() {
        return fields.get(INFO + 4) == DirectoryHash.HALF_MD4 && fields.get(INFO + 5) == NODE;
    }

    /**
     * Returns how many levels of nodes a root says there are.
     *
     * @return the number, 0 if leaves are below the root; not checked
     */
    public int levels() {
        return fields.get(INFO + 6) & 0xff;
    }

    private int limit() {
        return fields.getShort(at) & 0xffff;
    }

    private int count() {
        return fields.getShort(at + 2) & 0xffff;
    }

    /**
     * Returns whether there is no room for an entry.
     *
     * @return whether there is none
     */
    public boolean isFull() {
        return count() == limit();
    }

    /**
     * Finds the entry below which a name is.
     *
     * @param hash the name's hash
     * @return the entry, from 0 on
     */
    public int find(int hash) {
        int entry = 0;
        while (entry + 1 < count() && Integer.compareUnsigned(fields.getInt(at + (entry + 1) * ENTRY), hash) <= 0) {
            entry++;
        }
        return entry;
    }

    /**
     * Returns the block an entry stands for.
     *
     * @param entry the entry
     * @return the block, counted from the directory's start
     */
    public long child(int entry) {
        return Integer.toUnsignedLong(fields.getInt(at + entry * ENTRY + 4));
    }

    /**
     * Inserts an entry.
     *
     * @param entry behind which one
     * @param hash the hash that it begins with
     * @param child the block, counted from the directory's start
     */
    public void insert(int entry, int hash, long child) {
        int to = at + (entry + 1) * ENTRY;
        byte[] block = fields.array();
        System.arraycopy(block, to, block, to + ENTRY, at + count() * ENTRY - to);
        fields.putInt(to, hash);
        fields.putInt(to + 4, (int) child);
        fields.putShort(at + 2, (short) (count() + 1));
    }

    /**
     * Returns the block.
     *
     * @return its bytes, not a copy
     */
    public byte[] block() {
        return fields.array();
    }

    /** Returns where its entries end. */
    int end() {
        return at + count() * ENTRY;
    }

    /** Returns where its checksum is, behind the room for entries. */
    int tail() {
        return at + limit() * ENTRY;
    }
}
