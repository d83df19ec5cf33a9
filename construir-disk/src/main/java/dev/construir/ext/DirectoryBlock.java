package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Walks over the records of one block of a directory and checks each. The inner blocks of a hashed directory, and
 * checksums, look like unused records, so that it can be read like any other.
 */
public final class DirectoryBlock {
    private static final int HEADER = 8;

    private final ByteBuffer block;
    private final long offset;
    private final long inodes;
    private int at;
    private int next;

    /**
     * Creates a walk before the first record.
     *
     * @param block the block
     * @param offset its position on the disk, in bytes
     * @param inodes how many inodes there are
     */
    public DirectoryBlock(byte[] block, long offset, long inodes) {
        this.block = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        this.offset = offset;
        this.inodes = inodes;
    }

    /**
     * Goes to the next record that names something.
     *
     * @return whether there is one
     * @throws DiskFormatException if a record on the way is damaged
     */
    public boolean next() throws DiskFormatException {
        while (next < block.capacity()) {
            at = next;
            int left = block.capacity() - at;
            if (left < HEADER) {
                throw damaged("is cut off by the end of the block");
            }
            int length = length();
            if (length < HEADER || length % 4 != 0 || length > left) {
                throw damaged("has an impossible length, " + length);
            }
            if (HEADER + nameLength() > length) {
                throw damaged("has a name of " + nameLength() + " bytes in " + length);
            }
            next = at + length;
            if (inode() != 0) {
                checkName();
                return true;
            }
        }
        return false;
    }

    private void checkName() throws DiskFormatException {
        if (inode() > inodes) {
            throw damaged("names inode " + inode() + " of " + inodes);
        }
        int length = nameLength();
        if (length == 0) {
            throw damaged("has an empty name");
        }
        for (int i = at + HEADER; i < at + HEADER + length; i++) {
            byte b = block.get(i);
            if (b == '/' || b == 0) {
                throw damaged("has a name with a " + (b == 0 ? "NUL" : "slash") + " in it");
            }
        }
    }

    /** In blocks of 64 KiB the length of a record over the whole block does not fit the field. */
    private int length() {
        int length = block.getShort(at + 4) & 0xffff;
        return block.capacity() == (1 << 16) && (length == 0 || length == 0xffff) ? 1 << 16 : length;
    }

    private int nameLength() {
        return block.get(at + 6) & 0xff;
    }

    /**
     * Returns the inode the record names.
     *
     * @return its number
     */
    public long inode() {
        return Integer.toUnsignedLong(block.getInt(at));
    }

    /**
     * Returns the record's name.
     *
     * @return the unchanged bytes: 1 to 255, none of them a slash or NUL
     */
    public byte[] name() {
        return nameAt(block.array(), at);
    }

    /**
     * Returns the name of a record that a walk has passed.
     *
     * @param block the block
     * @param at where the record is in it, in bytes
     * @return the name's bytes
     */
    public static byte[] nameAt(byte[] block, int at) {
        return Arrays.copyOfRange(block, at + HEADER, at + HEADER + (block[at + 6] & 0xff));
    }

    /**
     * Returns whether the record has a certain name.
     *
     * @param name the name
     * @return whether it has
     */
    public boolean isNamed(byte[] name) {
        int from = at + HEADER;
        return Arrays.equals(block.array(), from, from + nameLength(), name, 0, name.length);
    }

    /**
     * Returns whether the record is {@code .} or {@code ..}.
     *
     * @return whether it is
     */
    public boolean isDots() {
        int length = nameLength();
        return length <= 2 && block.get(at + HEADER) == '.' && (length == 1 || block.get(at + HEADER + 1) == '.');
    }

    /**
     * Returns where the record is.
     *
     * @return its offset on the disk in bytes
     */
    public long position() {
        return offset + at;
    }

    private DiskFormatException damaged(String found) {
        return new DiskFormatException("directory record at byte " + position() + " " + found);
    }
}
