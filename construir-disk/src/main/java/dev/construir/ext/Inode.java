package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * What a file system keeps about a file in addition to its names and its content.
 *
 * @param mode kind and permission bits
 * @param uid the owner's number
 * @param gid the group's number
 * @param size the size in bytes; negative if a guest wrote nonsense
 * @param links how many names it has; 0 if the inode is free
 * @param sectors how much room it takes, in sectors of 512 bytes, the blocks of its map included
 * @param flags how its content is mapped
 * @param attributeBlock the block of its extended attributes, or 0
 * @param modified when its content was last changed
 * @param changed when anything of it was last changed, its names among it
 * @param generation which use of this inode it is
 * @param map 60 bytes: block numbers, the root of an extent tree, the target of a short symbolic link, or the beginning
 *     of inline data
 */
public record Inode(
        int mode,
        long uid,
        long gid,
        long size,
        int links,
        long sectors,
        int flags,
        long attributeBlock,
        Instant modified,
        Instant changed,
        int generation,
        ByteBuffer map) {
    /** The root directory's number. */
    public static final int ROOT = 2;
    /** How many blocks are mapped without an indirect one. */
    public static final int DIRECT = 12;
    /** The size of the map in bytes. A target shorter than this is kept in it. */
    public static final int MAP_SIZE = 60;
    /** How many names a directory or a file may have. */
    public static final int MAX_LINKS = 32_000;
    /** How many bytes are used of what a 256-byte inode has beyond 128. */
    static final int EXTRA_SIZE = 32;
    /** Where in an inode written here extended attributes begin, up to its end. */
    public static final int ATTRIBUTES = 128 + EXTRA_SIZE;

    /** The mask of the kind in a mode. */
    public static final int KIND = 0170000;
    /** The kind of a directory. */
    public static final int DIRECTORY = 0040000;
    /** The kind of a regular file. */
    public static final int FILE = 0100000;
    /** The kind of a symbolic link. */
    public static final int LINK = 0120000;
    /** The kind of a character device. */
    public static final int CHARACTER_DEVICE = 0020000;
    /** The kind of a block device. */
    public static final int BLOCK_DEVICE = 0060000;
    /** The kind of a named pipe. */
    public static final int PIPE = 0010000;
    /** The kind of a socket. */
    public static final int SOCKET = 0140000;

    private static final int ENCRYPTED_FLAG = 0x800;
    private static final int INDEX_FLAG = 0x1000;
    private static final int EXTENTS_FLAG = 0x80000;
    private static final int ATTRIBUTE_VALUE_FLAG = 0x20_0000;
    private static final int INLINE_DATA_FLAG = 0x1000_0000;
    private static final int OLD_SIZE = 128;

    /**
     * Reads an inode.
     *
     * @param bytes the block it is in
     * @param at where it begins
     * @param size its size in bytes
     * @return the inode; its numbers are the guest's, and only the caller can know what is possible
     */
    public static Inode decode(byte[] bytes, int at, int size) {
        ByteBuffer in = ByteBuffer.wrap(bytes, at, size).slice().order(ByteOrder.LITTLE_ENDIAN);
        int mode = in.getShort(0x00) & 0xffff;
        long high = Integer.toUnsignedLong(in.getInt(0x6c)) << 32;
        long length = Integer.toUnsignedLong(in.getInt(0x04))
                | ((mode & KIND) == FILE || (mode & KIND) == DIRECTORY ? high : 0);
        int known = size > OLD_SIZE ? in.getShort(0x80) & 0xffff : 0;
        return new Inode(
                mode,
                (in.getShort(0x02) & 0xffff) | (in.getShort(0x78) & 0xffffL) << 16,
                (in.getShort(0x18) & 0xffff) | (in.getShort(0x7a) & 0xffffL) << 16,
                length,
                in.getShort(0x1a) & 0xffff,
                Integer.toUnsignedLong(in.getInt(0x1c)) | (in.getShort(0x74) & 0xffffL) << 32,
                in.getInt(0x20),
                Integer.toUnsignedLong(in.getInt(0x68)) | (in.getShort(0x76) & 0xffffL) << 32,
                Timestamps.decode(in.getInt(0x10), known >= 12 ? in.getInt(0x88) : 0),
                Timestamps.decode(in.getInt(0x0c), known >= 8 ? in.getInt(0x84) : 0),
                in.getInt(0x64),
                in.slice(0x28, MAP_SIZE).order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * Writes the inode. It was read and made when its content was last changed.
     *
     * @param bytes where to
     * @param at where it begins; 256 bytes have room there, of which those from {@link #ATTRIBUTES} on stay as they are
     */
    public void encode(byte[] bytes, int at) {
        ByteBuffer out = ByteBuffer.wrap(bytes, at, 256).slice().order(ByteOrder.LITTLE_ENDIAN);
        int seconds = Timestamps.seconds(modified);
        int extra = Timestamps.extra(modified);
        out.putShort(0x00, (short) mode);
        out.putShort(0x02, (short) uid);
        out.putInt(0x04, (int) size);
        out.putInt(0x08, seconds); // read
        out.putInt(0x0c, Timestamps.seconds(changed));
        out.putInt(0x10, seconds); // content changed
        out.putInt(0x14, 0); // deleted
        out.putShort(0x18, (short) gid);
        out.putShort(0x1a, (short) links);
        out.putInt(0x1c, (int) sectors);
        out.putInt(0x20, flags);
        out.put(0x28, map, 0, MAP_SIZE);
        out.putInt(0x64, generation);
        out.putInt(0x68, (int) attributeBlock);
        out.putInt(0x6c, isFile() ? (int) (size >>> 32) : 0);
        out.putShort(0x78, (short) (uid >>> 16));
        out.putShort(0x7a, (short) (gid >>> 16));
        out.putShort(0x80, (short) EXTRA_SIZE);
        out.putInt(0x84, Timestamps.extra(changed));
        out.putInt(0x88, extra);
        out.putInt(0x8c, extra);
        out.putInt(0x90, seconds); // made
        out.putInt(0x94, extra);
    }

    /**
     * Returns this inode with another number of names.
     *
     * @param count the number
     * @return the inode
     */
    public Inode withLinks(int count) {
        return new Inode(
                mode, uid, gid, size, count, sectors, flags, attributeBlock, modified, changed, generation, map);
    }

    /**
     * Returns this inode with a block of extended attributes.
     *
     * @param block the block, or 0
     * @param taken how many sectors that takes which it did not take before
     * @return the inode
     */
    public Inode withAttributeBlock(long block, int taken) {
        return new Inode(
                mode, uid, gid, size, links, sectors + taken, flags, block, modified, changed, generation, map);
    }

    /**
     * Returns this inode as that of a directory with an index of hashes.
     *
     * @return the inode
     */
    public Inode indexed() {
        return new Inode(
                mode,
                uid,
                gid,
                size,
                links,
                sectors,
                flags | INDEX_FLAG,
                attributeBlock,
                modified,
                changed,
                generation,
                map);
    }

    /**
     * Returns whether this is a regular file.
     *
     * @return whether it is
     */
    public boolean isFile() {
        return (mode & KIND) == FILE;
    }

    /**
     * Returns whether this is a directory.
     *
     * @return whether it is
     */
    public boolean isDirectory() {
        return (mode & KIND) == DIRECTORY;
    }

    /**
     * Returns whether this is a symbolic link.
     *
     * @return whether it is
     */
    public boolean isLink() {
        return (mode & KIND) == LINK;
    }

    /**
     * Returns whether nothing uses this inode.
     *
     * @return whether it is free
     */
    public boolean isFree() {
        return links == 0 || mode == 0;
    }

    /**
     * Returns whether the content is mapped by extents instead of indirect blocks.
     *
     * @return whether it is
     */
    public boolean hasExtents() {
        return (flags & EXTENTS_FLAG) != 0;
    }

    /**
     * Returns whether the content is in the inode itself, and in an attribute in it.
     *
     * @return whether it does
     */
    public boolean hasInlineData() {
        return (flags & INLINE_DATA_FLAG) != 0;
    }

    /**
     * Returns whether content, names or target are encrypted.
     *
     * @return whether they are
     */
    public boolean isEncrypted() {
        return (flags & ENCRYPTED_FLAG) != 0;
    }

    /**
     * Returns whether the content is the value of an extended attribute, of other inodes.
     *
     * @return whether it is
     */
    public boolean isAttributeValue() {
        return (flags & ATTRIBUTE_VALUE_FLAG) != 0;
    }
}
