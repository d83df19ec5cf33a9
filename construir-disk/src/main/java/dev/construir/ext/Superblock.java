package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The description of a file system, in the 1,024 bytes at offset 1,024.
 *
 * @param geometry the sizes
 * @param freeBlocks how many blocks are free
 * @param freeInodes how many inodes are free
 * @param compatible the features that any reader can ignore
 * @param incompatible the features a reader must know
 * @param readOnlyCompatible the features a writer must know
 * @param unmounted whether it was unmounted, or never mounted; one with a journal says it by
 *     {@link Features#NEEDS_RECOVERY} instead
 * @param label the name; bytes that are no UTF-8 appear as U+FFFD
 * @param uuid the identity
 * @param time when it was made
 */
public record Superblock(
        Geometry geometry,
        long freeBlocks,
        long freeInodes,
        int compatible,
        int incompatible,
        int readOnlyCompatible,
        boolean unmounted,
        String label,
        UUID uuid,
        Instant time) {
    /** Its size in bytes. */
    public static final int SIZE = 1024;
    /** Where the first one is on the disk, in bytes. */
    public static final long OFFSET = 1024;
    /** The first inode that is not reserved. */
    public static final int FIRST_INODE = 11;

    private static final int MAGIC = 0xef53;
    private static final int UNMOUNTED = 1;
    private static final int LABEL = 0x78;
    private static final int LABEL_SIZE = 16;
    private static final int OLD_INODE_SIZE = 128;
    private static final int OLD_DESCRIPTOR_SIZE = 32;

    /**
     * Reads a superblock and checks that its numbers are possible.
     *
     * @param bytes its 1,024 bytes
     * @param diskBytes the size of the disk it is on
     * @return the superblock
     * @throws DiskFormatException if it is none, or one that cannot be read here
     */
    public static Superblock decode(byte[] bytes, long diskBytes) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        check(hasMagic(bytes), "no ext2, ext3 or ext4 file system: its magic number is missing");
        long revision = Integer.toUnsignedLong(in.getInt(0x4c));
        check(revision <= 1, "an unknown revision, " + revision);
        int incompatible = revision == 0 ? 0 : in.getInt(0x60);
        List<String> unreadable = Features.unreadable(incompatible);
        check(unreadable.isEmpty(), "features that cannot be read: " + String.join(", ", unreadable));
        boolean wide = (incompatible & Features.WIDE) != 0;
        Geometry geometry = geometry(in, revision, incompatible);
        check(
                geometry.bytes() <= diskBytes,
                "a file system of " + geometry.bytes() + " bytes, on a disk of only " + diskBytes);
        return new Superblock(
                geometry,
                Integer.toUnsignedLong(in.getInt(0x0c)) | (wide ? Integer.toUnsignedLong(in.getInt(0x158)) << 32 : 0),
                Integer.toUnsignedLong(in.getInt(0x10)),
                revision == 0 ? 0 : in.getInt(0x5c),
                incompatible,
                revision == 0 ? 0 : in.getInt(0x64),
                (in.getShort(0x3a) & UNMOUNTED) != 0,
                label(bytes),
                uuid(in),
                Instant.ofEpochSecond(Integer.toUnsignedLong(in.getInt(0x108))));
    }

    /**
     * Returns whether bytes have the magic number of a superblock, even if the rest is invalid.
     *
     * @param bytes the 1,024 bytes
     * @return whether they have its magic number
     */
    public static boolean hasMagic(byte[] bytes) {
        return (ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort(0x38) & 0xffff) == MAGIC;
    }

    /**
     * Returns which member of the family the bytes belong to, also where this library cannot read it.
     *
     * @param bytes the 1,024 bytes
     * @return 2, 3 or 4
     */
    public static int generation(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return in.getInt(0x4c) == 0 ? 2 : generation(in.getInt(0x5c), in.getInt(0x60), in.getInt(0x64));
    }

    /**
     * Returns which member of the family it is, as {@code blkid} does.
     *
     * @return 2, 3 or 4
     */
    public int generation() {
        return generation(compatible, incompatible, readOnlyCompatible);
    }

    private static int generation(int compatible, int incompatible, int readOnlyCompatible) {
        boolean isNew = (incompatible & ~Features.EXT3_INCOMPATIBLE) != 0
                || (readOnlyCompatible & ~Features.EXT3_READ_ONLY_COMPATIBLE) != 0;
        return isNew ? 4 : (compatible & Features.HAS_JOURNAL) != 0 ? 3 : 2;
    }

    private static Geometry geometry(ByteBuffer in, long revision, int incompatible) throws DiskFormatException {
        boolean wide = (incompatible & Features.WIDE) != 0;
        long shift = Integer.toUnsignedLong(in.getInt(0x18));
        check(shift <= 6, "blocks of 2^" + (10 + shift) + " bytes; 1,024 to 65,536 are allowed");
        int blockSize = 1024 << shift;
        long blocks = Integer.toUnsignedLong(in.getInt(0x04));
        if (wide) {
            blocks |= Integer.toUnsignedLong(in.getInt(0x150)) << 32;
        }
        long first = Integer.toUnsignedLong(in.getInt(0x14));
        check(first <= 1, "a first block " + first + "; 0 and 1 are allowed");
        check(blocks > first && blocks <= Long.MAX_VALUE / blockSize, "an impossible number of blocks, " + blocks);
        long perGroup = Integer.toUnsignedLong(in.getInt(0x20));
        // With clusters (bigalloc) each bit of a group's bitmap stands for several blocks.
        check(perGroup >= 1 && perGroup <= (1 << 30), "an impossible number of blocks in a group, " + perGroup);
        long inodesPerGroup = Integer.toUnsignedLong(in.getInt(0x28));
        check(
                inodesPerGroup >= 1 && inodesPerGroup <= 8L * blockSize,
                "an impossible number of inodes in a group, " + inodesPerGroup);
        int inodeSize = revision == 0 ? OLD_INODE_SIZE : in.getShort(0x58) & 0xffff;
        check(
                inodeSize >= OLD_INODE_SIZE && inodeSize <= blockSize && Integer.bitCount(inodeSize) == 1,
                "inodes of " + inodeSize + " bytes; a power of two from 128 to a block's size is allowed");
        int descriptorSize = wide ? in.getShort(0xfe) & 0xffff : OLD_DESCRIPTOR_SIZE;
        check(
                descriptorSize >= (wide ? 64 : 32) && descriptorSize <= 1024 && Integer.bitCount(descriptorSize) == 1,
                "group descriptors of " + descriptorSize + " bytes; a power of two from 32 to 1,024 is allowed");
        long groups = (blocks - first + perGroup - 1) / perGroup;
        check(groups <= Integer.MAX_VALUE, groups + " groups");
        long inodes = Integer.toUnsignedLong(in.getInt(0x00));
        check(
                inodes == groups * inodesPerGroup,
                inodes + " inodes, which is not " + inodesPerGroup + " in each of " + groups + " groups");
        return new Geometry(
                blockSize, blocks, (int) first, (int) perGroup, (int) inodesPerGroup, inodeSize, descriptorSize);
    }

    private static String label(byte[] bytes) {
        int length = 0;
        while (length < LABEL_SIZE && bytes[LABEL + length] != 0) {
            length++;
        }
        return new String(bytes, LABEL, length, StandardCharsets.UTF_8);
    }

    private static UUID uuid(ByteBuffer in) {
        ByteBuffer big = in.duplicate().order(ByteOrder.BIG_ENDIAN);
        return new UUID(big.getLong(0x68), big.getLong(0x70));
    }

    /** Throws unless a value is good, with what was found instead. */
    static void check(boolean good, String found) throws DiskFormatException {
        if (!good) {
            throw new DiskFormatException("superblock at byte " + OFFSET + ": " + found);
        }
    }

    /**
     * Writes the superblock as a clean one of revision 1.
     *
     * @param group the group whose copy it is
     * @return its 1,024 bytes
     */
    public byte[] encode(int group) {
        byte[] bytes = new byte[SIZE];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int seconds = Timestamps.seconds(time);
        int shift = Integer.numberOfTrailingZeros(geometry.blockSize()) - 10;
        out.putInt(0x00, (int) geometry.inodes());
        out.putInt(0x04, (int) geometry.blocks());
        out.putInt(0x0c, (int) freeBlocks);
        out.putInt(0x10, (int) freeInodes);
        out.putInt(0x14, geometry.firstBlock());
        out.putInt(0x18, shift);
        out.putInt(0x1c, shift);
        out.putInt(0x20, geometry.blocksPerGroup());
        out.putInt(0x24, geometry.blocksPerGroup());
        out.putInt(0x28, geometry.inodesPerGroup());
        out.putInt(0x30, seconds); // last written
        out.putShort(0x36, (short) -1); // never checked because of many mounts
        out.putShort(0x38, (short) MAGIC);
        out.putShort(0x3a, (short) UNMOUNTED);
        out.putShort(0x3c, (short) 1); // go on after errors
        out.putInt(0x40, seconds); // last checked
        out.putInt(0x4c, 1); // revision
        out.putInt(0x54, FIRST_INODE);
        out.putShort(0x58, (short) geometry.inodeSize());
        out.putShort(0x5a, (short) group);
        out.putInt(0x5c, compatible);
        out.putInt(0x60, incompatible);
        out.putInt(0x64, readOnlyCompatible);
        putUuid(out, 0x68);
        byte[] name = label.getBytes(StandardCharsets.UTF_8);
        out.put(LABEL, name, 0, Math.min(name.length, LABEL_SIZE));
        putUuid(out, 0xec); // the seed of directories' hashes
        out.put(0xfc, (byte) DirectoryHash.HALF_MD4);
        out.putInt(0x108, seconds); // made
        out.putShort(0x15c, (short) Inode.EXTRA_SIZE);
        out.putShort(0x15e, (short) Inode.EXTRA_SIZE);
        out.putInt(0x160, 1); // hashes of signed characters
        return bytes;
    }

    private void putUuid(ByteBuffer out, int at) {
        ByteBuffer big = out.duplicate().order(ByteOrder.BIG_ENDIAN);
        big.putLong(at, uuid.getMostSignificantBits());
        big.putLong(at + 8, uuid.getLeastSignificantBits());
    }
}
