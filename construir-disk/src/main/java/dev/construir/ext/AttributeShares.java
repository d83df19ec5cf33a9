package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How many files share a block of extended attributes. */
public final class AttributeShares {
    private static final int MAGIC = 0xea020000;
    private static final long MAX = 1024;

    private final byte[] block;
    private final ByteBuffer fields;

    /**
     * Takes a block.
     *
     * @param block the block
     * @param offset its position on the disk, in bytes
     * @throws DiskFormatException if it holds no attributes
     */
    public AttributeShares(byte[] block, long offset) throws DiskFormatException {
        this.block = block;
        this.fields = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        if (fields.getInt(0) != MAGIC || fields.getInt(8) != 1 || count() < 1 || count() > MAX) {
            throw new DiskFormatException("attribute block at byte " + offset + " is damaged: magic number 0x"
                    + Integer.toHexString(fields.getInt(0)) + ", " + Integer.toUnsignedString(fields.getInt(8))
                    + " blocks, shared by " + count());
        }
    }

    /**
     * Returns how many share it.
     *
     * @return the number, at least 1
     */
    public long count() {
        return Integer.toUnsignedLong(fields.getInt(4));
    }

    /**
     * Returns the block.
     *
     * @return its bytes, not a copy
     */
    public byte[] block() {
        return block;
    }

    /** Removes one file from the count. */
    public void drop() {
        fields.putInt(4, fields.getInt(4) - 1);
    }
}
