package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The descriptors of all groups. Changes the counts and keeps everything else. */
public final class EditableGroups {
    private static final int INODES_UNINITIALISED = 0x1;
    private static final int BLOCKS_UNINITIALISED = 0x2;
    private static final int WIDE_SIZE = 64;

    private final byte[] bytes;
    private final ByteBuffer fields;
    private final int size;
    private final Checksums checksums;

    /**
     * Takes descriptors.
     *
     * @param bytes all of them, one behind the other
     * @param geometry the sizes
     * @param checksums which checksums there are
     * @throws DiskFormatException if one of them has a wrong checksum
     */
    public EditableGroups(byte[] bytes, Geometry geometry, Checksums checksums) throws DiskFormatException {
        this.bytes = bytes;
        this.fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.size = geometry.descriptorSize();
        this.checksums = checksums;
        for (int group = 0; group < geometry.groups(); group++) {
            int at = group * size;
            int checksum = fields.getShort(at + 0x1e);
            seal(group);
            if (fields.getShort(at + 0x1e) != checksum) {
                throw new DiskFormatException("the descriptor of group " + group + " has a wrong checksum");
            }
        }
    }

    private void seal(int group) {
        checksums.sealGroup(bytes, group * size, size, group);
    }

    /**
     * Returns the descriptors as they are now.
     *
     * @return all of them, not a copy
     */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Returns where a group's descriptor is among all.
     *
     * @param group the group
     * @return its offset in bytes
     */
    public int offset(int group) {
        return group * size;
    }

    /**
     * Returns where a group's block bitmap is.
     *
     * @param group the group
     * @return the block's number
     */
    public long blockBitmap(int group) {
        return block(group, 0x00);
    }

    /**
     * Returns where a group's inode bitmap is.
     *
     * @param group the group
     * @return the block's number
     */
    public long inodeBitmap(int group) {
        return block(group, 0x04);
    }

    /**
     * Returns where a group's inodes are.
     *
     * @param group the group
     * @return the first block's number
     */
    public long inodeTable(int group) {
        return block(group, 0x08);
    }

    /**
     * Returns how many blocks of a group are free.
     *
     * @param group the group
     * @return the number, as the descriptor says
     */
    public int freeBlocks(int group) {
        return count(group, 0x0c, 0x2c);
    }

    /**
     * Returns how many inodes of a group are free.
     *
     * @param group the group
     * @return the number, as the descriptor says
     */
    public int freeInodes(int group) {
        return count(group, 0x0e, 0x2e);
    }

    /**
     * Returns how many inodes at the end of a group's table were never used.
     *
     * @param group the group
     * @return the number, as the descriptor says
     */
    public int unusedInodes(int group) {
        return checksums.coverGroups() ? count(group, 0x1c, 0x32) : 0;
    }

    /**
     * Returns whether a group's block bitmap was never written, because only metadata takes blocks of it.
     *
     * @param group the group
     * @return whether it was not
     */
    public boolean hasBlocksUninitialised(int group) {
        return checksums.coverGroups() && (flags(group) & BLOCKS_UNINITIALISED) != 0;
    }

    /**
     * Returns whether a group's inode bitmap was never written, because no inode of it is used.
     *
     * @param group the group
     * @return whether it was not
     */
    public boolean hasInodesUninitialised(int group) {
        return checksums.coverGroups() && (flags(group) & INODES_UNINITIALISED) != 0;
    }

    /**
     * Returns whether a group's block bitmap has the checksum that the descriptor keeps.
     *
     * @param group the group
     * @param bitmap the bitmap
     * @param length how many bytes of it count
     * @return whether it has
     */
    public boolean hasBlockChecksum(int group, byte[] bitmap, int length) {
        return isSame(group, 0x18, 0x38, checksums.ofBitmap(bitmap, length));
    }

    /**
     * Returns whether a group's inode bitmap has the checksum that the descriptor keeps.
     *
     * @param group the group
     * @param bitmap the bitmap
     * @param length how many bytes of it count
     * @return whether it has
     */
    public boolean hasInodeChecksum(int group, byte[] bitmap, int length) {
        return isSame(group, 0x1a, 0x3a, checksums.ofBitmap(bitmap, length));
    }

    /**
     * Takes over a block bitmap that was changed.
     *
     * @param group the group
     * @param free how many blocks are free
     * @param bitmap the bitmap
     * @param length how many bytes of it count
     */
    public void setBlocks(int group, int free, byte[] bitmap, int length) {
        setCount(group, 0x0c, 0x2c, free);
        setFlags(group, flags(group) & ~BLOCKS_UNINITIALISED);
        setChecksum(group, 0x18, 0x38, checksums.ofBitmap(bitmap, length));
        seal(group);
    }

    /**
     * Takes over an inode bitmap that was changed.
     *
     * @param group the group
     * @param free how many inodes are free
     * @param unused how many at the end of the table were never used
     * @param bitmap the bitmap
     * @param length how many bytes of it count
     */
    public void setInodes(int group, int free, int unused, byte[] bitmap, int length) {
        setCount(group, 0x0e, 0x2e, free);
        if (checksums.coverGroups()) {
            setCount(group, 0x1c, 0x32, unused);
        }
        setFlags(group, flags(group) & ~INODES_UNINITIALISED);
        setChecksum(group, 0x1a, 0x3a, checksums.ofBitmap(bitmap, length));
        seal(group);
    }

    private int flags(int group) {
        return fields.getShort(offset(group) + 0x12);
    }

    private void setFlags(int group, int flags) {
        if (checksums.coverGroups()) {
            fields.putShort(offset(group) + 0x12, (short) flags);
        }
    }

    private long block(int group, int field) {
        int at = offset(group) + field;
        long high = size >= WIDE_SIZE ? Integer.toUnsignedLong(fields.getInt(at + 0x20)) << 32 : 0;
        return high | Integer.toUnsignedLong(fields.getInt(at));
    }

    private int count(int group, int low, int high) {
        int at = offset(group);
        return (fields.getShort(at + low) & 0xffff)
                | (size >= WIDE_SIZE ? (fields.getShort(at + high) & 0xffff) << 16 : 0);
    }

    private void setCount(int group, int low, int high, int count) {
        int at = offset(group);
        fields.putShort(at + low, (short) count);
        if (size >= WIDE_SIZE) {
            fields.putShort(at + high, (short) (count >>> 16));
        }
    }

    private boolean isSame(int group, int low, int high, int checksum) {
        int kept = count(group, low, high);
        return !checksums.coverAll() || kept == (size >= WIDE_SIZE ? checksum : checksum & 0xffff);
    }

    private void setChecksum(int group, int low, int high, int checksum) {
        if (checksums.coverAll()) {
            setCount(group, low, high, checksum);
        }
    }
}
