package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Takes records out of a block of a directory and puts others in, where there is room. The block was read by a {@link
 * DirectoryBlock} before.
 */
public final class DirectorySlots {
    private static final int HEADER = 8;
    private static final int WHOLE = 1 << 16;

    private final byte[] bytes;
    private final ByteBuffer block;
    private final int end;

    /**
     * Takes a block.
     *
     * @param bytes the block
     * @param checksums whether it ends with a record that holds its checksum
     */
    public DirectorySlots(byte[] bytes, Checksums checksums) {
        this.bytes = bytes;
        this.block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.end = bytes.length - (checksums.coverAll() ? Checksums.DIRECTORY_TAIL : 0);
    }

    /**
     * Takes a record out.
     *
     * @param record where it begins
     * @throws DiskFormatException if no record begins there
     */
    public void remove(int record) throws DiskFormatException {
        int before = -1;
        for (int at = 0; at < end; at += length(at)) {
            if (at == record) {
                int length = length(at);
                Arrays.fill(bytes, at, at + length, (byte) 0);
                if (before < 0) {
                    setLength(at, length);
                } else {
                    setLength(before, at + length - before);
                }
                return;
            }
            before = at;
        }
        throw new DiskFormatException("no directory record begins at byte " + record + " of its block");
    }

    /**
     * Puts a record in.
     *
     * @param inode the inode it names
     * @param type the kind of that, or 0
     * @param name the name, 1 to 255 bytes
     * @return whether there was room
     * @throws DiskFormatException if the records do not end with the block
     */
    public boolean add(long inode, int type, byte[] name) throws DiskFormatException {
        int needed = size(name.length);
        for (int at = 0; at < end; at += length(at)) {
            int taken = block.getInt(at) == 0 ? 0 : size(bytes[at + 6] & 0xff);
            int left = length(at) - taken;
            if (left >= needed) {
                if (taken > 0) {
                    setLength(at, taken);
                }
                put(at + taken, left, inode, type, name);
                return true;
            }
        }
        return false;
    }

    /** Adds a copy of a record of another block. */
    void copy(byte[] from, int record) throws DiskFormatException {
        ByteBuffer other = ByteBuffer.wrap(from).order(ByteOrder.LITTLE_ENDIAN);
        if (!add(Integer.toUnsignedLong(other.getInt(record)), from[record + 7], DirectoryBlock.nameAt(from, record))) {
            throw new DiskFormatException("directory records do not fit in their block");
        }
    }

    private void put(int at, int length, long inode, int type, byte[] name) {
        block.putInt(at, (int) inode);
        setLength(at, length);
        block.put(at + 6, (byte) name.length);
        block.put(at + 7, (byte) type);
        block.put(at + HEADER, name);
    }

    /** Empties the block: one unused record fills it. */
    public void clear() {
        Arrays.fill(bytes, (byte) 0);
        setLength(0, end);
    }

    /**
     * Makes a block of an index one of records. They look alike but for the end: an index reaches to the end of the
     * block.
     *
     * @return whether it was one
     */
    public boolean dropIndex() {
        if (block.getInt(0) == 0 && wholeLength(0) == bytes.length) {
            clear();
            return true;
        }
        int second = 12;
        if (wholeLength(0) == second && bytes[HEADER] == '.' && wholeLength(second) == bytes.length - second) {
            int names = second + HEADER + 4; // ".." and what fills it up
            Arrays.fill(bytes, names, bytes.length, (byte) 0);
            setLength(second, end - second);
            return true;
        }
        return false;
    }

    private static int size(int nameLength) {
        return HEADER + ((nameLength + 3) & ~3);
    }

    private int wholeLength(int at) {
        int length = block.getShort(at + 4) & 0xffff;
        return bytes.length == WHOLE && (length == 0 || length == 0xffff) ? WHOLE : length;
    }

    private int length(int at) throws DiskFormatException {
        int length = wholeLength(at);
        if (length < HEADER || length % 4 != 0 || length > end - at) {
            throw new DiskFormatException(
                    "a directory record at byte " + at + " of its block does not end where the records do");
        }
        return length;
    }

    private void setLength(int at, int length) {
        block.putShort(at + 4, (short) (length == WHOLE ? 0xffff : length));
    }
}
