package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;

/** The bytes of an inode. Changes some fields and keeps all others, such as extended attributes in the inode. */
public final class EditableInode {
    private static final int OLD_SIZE = 128;
    private static final int COMPRESSED = 0x4;
    private static final int ENCRYPTED = 0x800;
    private static final int INDEXED = 0x1000;
    private static final int HUGE = 0x40000;
    private static final int EXTENTS = 0x80000;
    private static final int VERITY = 0x100000;
    private static final int ATTRIBUTE_VALUE = 0x200000;
    private static final int INLINE_DATA = 0x10000000;
    private static final int STRANGE = COMPRESSED | ENCRYPTED | VERITY | ATTRIBUTE_VALUE | INLINE_DATA;

    private final byte[] bytes;
    private final ByteBuffer fields;

    /**
     * Takes the bytes of an inode.
     *
     * @param bytes the bytes
     */
    public EditableInode(byte[] bytes) {
        this.bytes = bytes;
        this.fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Makes a new file.
     *
     * @param size the inode's size in bytes
     * @param extra how many bytes beyond 128 are used
     * @return the inode of an empty file of one name
     */
    public static EditableInode ofFile(int size, int extra) {
        EditableInode inode = new EditableInode(new byte[size]);
        inode.fields.putShort(0x00, (short) Inode.FILE);
        inode.fields.putShort(0x1a, (short) 1);
        if (size > OLD_SIZE) {
            inode.fields.putShort(0x80, (short) extra);
        }
        return inode;
    }

    /**
     * Returns the bytes.
     *
     * @return the bytes, not a copy
     */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Reads the inode.
     *
     * @return its fields
     */
    public Inode decode() {
        return Inode.decode(bytes, 0, bytes.length);
    }

    private int flags() {
        return fields.getInt(0x20);
    }

    private void setFlag(int flag, boolean set) {
        fields.putInt(0x20, set ? flags() | flag : flags() & ~flag);
    }

    /**
     * Returns whether the content is stored in a way that is not known here: compressed, encrypted, sealed, or in the
     * inode.
     *
     * @return whether it is
     */
    public boolean isStrange() {
        return (flags() & STRANGE) != 0;
    }

    /**
     * Returns whether this is a directory with an index.
     *
     * @return whether it is
     */
    public boolean isIndexed() {
        return (flags() & INDEXED) != 0;
    }

    /** Drops the index of a directory, whose blocks then read as unused records. */
    public void dropIndex() {
        setFlag(INDEXED, false);
    }

    /**
     * Returns how much room everything takes.
     *
     * @param blockSize the size of a block in bytes
     * @return the room in sectors of 512 bytes
     */
    public long sectors(int blockSize) {
        long count = decode().sectors();
        return (flags() & HUGE) != 0 ? count * (blockSize / 512) : count;
    }

    /**
     * Sets the number of names.
     *
     * @param links the number
     */
    public void setLinks(int links) {
        fields.putShort(0x1a, (short) links);
    }

    /** Makes the inode one that was never used. */
    public void clear() {
        Arrays.fill(bytes, (byte) 0);
    }

    /**
     * Sets the size. Only files may have 4 GiB or more.
     *
     * @param size the size in bytes
     */
    public void setSize(long size) {
        fields.putInt(0x04, (int) size);
        if (decode().isFile()) {
            fields.putInt(0x6c, (int) (size >>> 32));
        }
    }

    /**
     * Sets where the content is.
     *
     * @param map what maps it
     * @param sectors how much room everything takes, in sectors of 512 bytes
     */
    public void setMap(FileMap map, long sectors) {
        fields.put(0x28, map.root(), 0, Inode.MAP_SIZE);
        fields.putInt(0x1c, (int) sectors);
        fields.putShort(0x74, (short) (sectors >>> 32));
        setFlag(EXTENTS, map.extents());
        setFlag(HUGE, false);
    }

    /**
     * Sets permissions and owner.
     *
     * @param mode the permission bits
     * @param uid the owner's number
     * @param gid the group's number
     */
    public void setOwner(int mode, long uid, long gid) {
        fields.putShort(0x00, (short) ((fields.getShort(0x00) & Inode.KIND) | mode));
        fields.putShort(0x02, (short) uid);
        fields.putShort(0x78, (short) (uid >>> 16));
        fields.putShort(0x18, (short) gid);
        fields.putShort(0x7a, (short) (gid >>> 16));
    }

    /**
     * Sets when the content was changed, and the inode with it.
     *
     * @param time the time
     */
    public void setModified(Instant time) {
        setTime(0x10, 0x88, time);
        setTime(0x0c, 0x84, time);
    }

    /**
     * Sets when the file was made and read.
     *
     * @param time the time
     */
    public void setCreated(Instant time) {
        setTime(0x08, 0x8c, time);
        if (knows(0x94)) {
            setTime(0x90, 0x94, time);
        }
    }

    private void setTime(int seconds, int extra, Instant time) {
        fields.putInt(seconds, Timestamps.seconds(time));
        if (knows(extra)) {
            fields.putInt(extra, Timestamps.extra(time));
        }
    }

    /** Returns whether a field of four bytes is among those the inode uses. */
    private boolean knows(int field) {
        return bytes.length > OLD_SIZE && field + Integer.BYTES <= OLD_SIZE + (fields.getShort(0x80) & 0xffff);
    }
}
