package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Packs extended attributes into the end of an inode or into a separate block: their names from the front, their values
 * from the back. It follows the Linux kernel's {@code Documentation/filesystems/ext4/attributes.rst}.
 */
public final class AttributePacker {
    private static final int MAGIC = 0xea02_0000;
    private static final int BLOCK_HEADER = 32;
    private static final int BODY_HEADER = 4;
    private static final int ENTRY = 16;
    /** The names end with a word of zeros. */
    private static final int TERMINATOR = 4;

    private final ByteBuffer room;
    /** What the places of values are counted from. */
    private final int origin;

    private int end;
    private int values;
    private int hash;

    private AttributePacker(int size, int header, int origin) {
        this.room = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        this.origin = origin;
        this.end = header;
        this.values = size;
        room.putInt(0, MAGIC);
    }

    /**
     * Creates a packer for what an inode as {@link Inode#encode} writes it has room for.
     *
     * @param inodeSize the size of an inode in bytes
     * @return the packer
     */
    public static AttributePacker inInode(int inodeSize) {
        return new AttributePacker(inodeSize - Inode.ATTRIBUTES, BODY_HEADER, BODY_HEADER);
    }

    /**
     * Creates a packer for a block that no other inode refers to.
     *
     * @param blockSize the size of a block in bytes
     * @return the packer
     */
    public static AttributePacker inBlock(int blockSize) {
        AttributePacker packer = new AttributePacker(blockSize, BLOCK_HEADER, 0);
        packer.room.putInt(4, 1); // how many inodes refer to it
        packer.room.putInt(8, 1); // how many blocks it has
        return packer;
    }

    /**
     * Adds an attribute if there is room for it.
     *
     * @param attribute the attribute, behind those that were added before
     * @return whether there was room
     */
    public boolean add(ExtendedAttribute attribute) {
        int length = attribute.name().length;
        int size = attribute.value().length;
        long free = (long) values - end - TERMINATOR;
        if (ENTRY + padded(length) + padded(size) > free) {
            return false;
        }
        values -= (int) padded(size);
        room.put(end, (byte) length);
        room.put(end + 1, (byte) attribute.prefix());
        room.putShort(end + 2, (short) (size == 0 ? 0 : values - origin));
        room.putInt(end + 8, size);
        room.put(end + ENTRY, attribute.name());
        room.put(values, attribute.value());
        int own = hash(attribute.name(), values, (int) padded(size));
        room.putInt(end + 12, own);
        hash = Integer.rotateLeft(hash, 16) ^ own;
        end += ENTRY + (int) padded(length);
        return true;
    }

    private static long padded(int size) {
        return (size + 3L) & ~3L;
    }

    /** The hash of an attribute, which the kernel checks: of the name's bytes, then of the value's 32-bit words. */
    private int hash(byte[] name, int from, int size) {
        int result = 0;
        for (byte b : name) {
            result = Integer.rotateLeft(result, 5) ^ (b & 0xff);
        }
        for (int at = from; at < from + size; at += Integer.BYTES) {
            result = Integer.rotateLeft(result, 16) ^ room.getInt(at);
        }
        return result;
    }

    /**
     * Returns what was packed.
     *
     * @return the bytes; all zeros if an inode has no attributes
     */
    public byte[] finish() {
        if (origin != 0 && end == BODY_HEADER) {
            room.putInt(0, 0);
        } else if (origin == 0) {
            room.putInt(12, hash);
        }
        return room.array();
    }
}
