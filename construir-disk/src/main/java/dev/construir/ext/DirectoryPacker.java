package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Packs directory records into blocks, one after the other. A record never crosses the end of a block. */
public final class DirectoryPacker {
    private static final int HEADER = 8;

    private final ByteBuffer block;
    private int last;
    private int end;

    /**
     * Creates a packer.
     *
     * @param block the block to fill; its size is that of a block of the file system
     */
    public DirectoryPacker(byte[] block) {
        this.block = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns how much room a record takes.
     *
     * @param nameLength the length of its name in bytes
     * @return its size in bytes
     */
    public static int size(int nameLength) {
        return HEADER + ((nameLength + 3) & ~3);
    }

    /**
     * Adds a record if the block has room for it.
     *
     * @param inode the inode it names
     * @param mode the inode's mode
     * @param name where the name is
     * @param from where it begins
     * @param length its length in bytes, 1 to 255
     * @return whether there was room; if not, {@link #finish} the block and begin again
     */
    public boolean add(int inode, int mode, byte[] name, int from, int length) {
        int size = size(length);
        if (end + size > block.capacity()) {
            return false;
        }
        block.putInt(end, inode);
        block.putShort(end + 4, (short) size);
        block.put(end + 6, (byte) length);
        block.put(end + 7, type(mode));
        block.put(end + HEADER, name, from, length);
        // The block is reused: padding must not show bytes of earlier names.
        for (int i = end + HEADER + length; i < end + size; i++) {
            block.put(i, (byte) 0);
        }
        last = end;
        end += size;
        return true;
    }

    /** Ends a block: its last record reaches to the end. The next record begins a new one. */
    public void finish() {
        block.putShort(last + 4, (short) (block.capacity() - last));
        for (int i = end; i < block.capacity(); i++) {
            block.put(i, (byte) 0);
        }
        last = 0;
        end = 0;
    }

    private static byte type(int mode) {
        return switch (mode & Inode.KIND) {
            case Inode.FILE -> 1;
            case Inode.DIRECTORY -> 2;
            case Inode.LINK -> 7;
            default -> 0;
        };
    }
}
