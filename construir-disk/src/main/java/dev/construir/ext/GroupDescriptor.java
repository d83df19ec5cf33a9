package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a file system keeps about a group.
 *
 * @param blockBitmap the block of its bitmap of blocks
 * @param inodeBitmap the block of its bitmap of inodes
 * @param inodeTable the first block of its inodes
 * @param freeBlocks how many blocks are free
 * @param freeInodes how many inodes are free
 * @param directories how many inodes are directories
 */
public record GroupDescriptor(
        long blockBitmap, long inodeBitmap, long inodeTable, int freeBlocks, int freeInodes, int directories) {
    private static final int WIDE_SIZE = 64;

    /**
     * Reads a descriptor.
     *
     * @param bytes the block it is in
     * @param at where it begins
     * @param size its size in bytes
     * @return the descriptor
     */
    public static GroupDescriptor decode(byte[] bytes, int at, int size) {
        ByteBuffer in = ByteBuffer.wrap(bytes, at, size).slice().order(ByteOrder.LITTLE_ENDIAN);
        boolean wide = size >= WIDE_SIZE;
        return new GroupDescriptor(
                block(in, 0x00, wide),
                block(in, 0x04, wide),
                block(in, 0x08, wide),
                in.getShort(0x0c) & 0xffff,
                in.getShort(0x0e) & 0xffff,
                in.getShort(0x10) & 0xffff);
    }

    private static long block(ByteBuffer in, int at, boolean wide) {
        long high = wide ? Integer.toUnsignedLong(in.getInt(0x20 + at)) << 32 : 0;
        return high | Integer.toUnsignedLong(in.getInt(at));
    }

    /**
     * Writes the descriptor in its short form of 32 bytes.
     *
     * @param bytes where to
     * @param at where it begins
     */
    public void encode(byte[] bytes, int at) {
        ByteBuffer out = ByteBuffer.wrap(bytes, at, 32).slice().order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x00, (int) blockBitmap);
        out.putInt(0x04, (int) inodeBitmap);
        out.putInt(0x08, (int) inodeTable);
        out.putShort(0x0c, (short) freeBlocks);
        out.putShort(0x0e, (short) freeInodes);
        out.putShort(0x10, (short) directories);
    }
}
