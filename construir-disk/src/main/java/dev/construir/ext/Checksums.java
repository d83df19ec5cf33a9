package dev.construir.ext;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The checksums a file system keeps of its metadata: none, CRC-16 of its group descriptors, or CRC-32C of everything.
 * Where they are and what they cover follows {@code Documentation/filesystems/ext4/checksums.rst} of the Linux
 * kernel. They show accidents: the writer of a disk can compute them.
 */
public final class Checksums {
    /** The size of the last record of a directory block, which holds the checksum, in bytes. */
    public static final int DIRECTORY_TAIL = 12;

    private static final int REVERSED_POLYNOMIAL = 0x82f63b78;
    private static final int UUID_AT = 0x68;
    private static final int UUID_SIZE = 16;
    private static final int GROUP_CHECKSUM = 0x1e;
    private static final int TAIL_TYPE = 0xde;

    private enum Kind {
        NONE,
        CRC16,
        CRC32C
    }

    private final Kind kind;
    private final byte[] uuid;
    private final int seed;

    /**
     * Reads from a superblock which checksums there are.
     *
     * @param superblock its 1,024 bytes
     */
    public Checksums(byte[] superblock) {
        ByteBuffer in = wrap(superblock, 0, superblock.length);
        boolean features = in.getInt(0x4c) != 0;
        int readOnlyCompatible = features ? in.getInt(0x64) : 0;
        kind = (readOnlyCompatible & EditableFeatures.METADATA_CHECKSUMS) != 0
                ? Kind.CRC32C
                : (readOnlyCompatible & EditableFeatures.GROUP_CHECKSUMS) != 0 ? Kind.CRC16 : Kind.NONE;
        uuid = Arrays.copyOfRange(superblock, UUID_AT, UUID_AT + UUID_SIZE);
        boolean given = features && (in.getInt(0x60) & EditableFeatures.CHECKSUM_SEED) != 0;
        seed = given ? in.getInt(0x270) : new Crc(-1).add(uuid, 0, UUID_SIZE).value();
    }

    /**
     * Returns whether everything has a checksum.
     *
     * @return whether it has
     */
    public boolean coverAll() {
        return kind == Kind.CRC32C;
    }

    /**
     * Returns whether group descriptors have checksums; only then their flags mean something.
     *
     * @return whether they have
     */
    boolean coverGroups() {
        return kind != Kind.NONE;
    }

    /**
     * Stores the checksum of a superblock in it.
     *
     * @param bytes its 1,024 bytes
     */
    void sealSuperblock(byte[] bytes) {
        if (coverAll()) {
            wrap(bytes, 0, bytes.length)
                    .putInt(0x3fc, new Crc(-1).add(bytes, 0, 0x3fc).value());
        }
    }

    /**
     * Stores the checksum of a group descriptor in it.
     *
     * @param bytes where it is
     * @param at where it begins
     * @param size its size in bytes
     * @param group the group
     */
    void sealGroup(byte[] bytes, int at, int size, int group) {
        ByteBuffer out = wrap(bytes, at, size);
        if (coverAll()) {
            out.putShort(GROUP_CHECKSUM, (short) 0);
            int value = new Crc(seed).add(group).add(bytes, at, size).value();
            out.putShort(GROUP_CHECKSUM, (short) value);
        } else if (coverGroups()) {
            byte[] number = new byte[Integer.BYTES];
            wrap(number, 0, number.length).putInt(0, group);
            int value = crc16(crc16(0xffff, uuid, 0, UUID_SIZE), number, 0, number.length);
            value = crc16(value, bytes, at, GROUP_CHECKSUM);
            int rest = GROUP_CHECKSUM + Short.BYTES;
            out.putShort(GROUP_CHECKSUM, (short) crc16(value, bytes, at + rest, size - rest));
        }
    }

    /**
     * Returns the checksum of a bitmap, which is in its group's descriptor.
     *
     * @param bitmap the bitmap
     * @param length how many bytes of it count
     * @return the checksum, of which short descriptors keep the lower half; 0 if there is none
     */
    int ofBitmap(byte[] bitmap, int length) {
        return coverAll() ? new Crc(seed).add(bitmap, 0, length).value() : 0;
    }

    /**
     * Stores the checksum of an inode in it.
     *
     * @param bytes where it is
     * @param at where it begins
     * @param size its size in bytes
     * @param number the inode's number
     */
    public void sealInode(byte[] bytes, int at, int size, long number) {
        if (!coverAll()) {
            return;
        }
        ByteBuffer out = wrap(bytes, at, size);
        boolean whole = size > 0x80 && (out.getShort(0x80) & 0xffff) >= 4;
        out.putShort(0x7c, (short) 0);
        if (whole) {
            out.putShort(0x82, (short) 0);
        }
        int value = ofInode(number, out.getInt(0x64)).add(bytes, at, size).value();
        out.putShort(0x7c, (short) value);
        if (whole) {
            out.putShort(0x82, (short) (value >>> 16));
        }
    }

    /**
     * Stores the checksum of a block of directory records in its last record.
     *
     * @param block the block, with room for the last record
     * @param number the directory's inode
     * @param generation which use of this inode it is
     */
    public void sealDirectory(byte[] block, long number, int generation) {
        if (!coverAll()) {
            return;
        }
        int at = block.length - DIRECTORY_TAIL;
        ByteBuffer tail = wrap(block, at, DIRECTORY_TAIL);
        tail.putInt(0, 0);
        tail.putInt(4, DIRECTORY_TAIL | TAIL_TYPE << 24);
        tail.putInt(8, ofInode(number, generation).add(block, 0, at).value());
    }

    /**
     * Stores the checksum of a block of a directory's index in it.
     *
     * @param index the block
     * @param number the directory's inode
     * @param generation which use of this inode it is
     */
    public void sealIndex(DirectoryIndex index, long number, int generation) {
        if (coverAll()) {
            ByteBuffer tail = wrap(index.block(), index.tail(), 2 * Integer.BYTES);
            int value = ofInode(number, generation)
                    .add(index.block(), 0, index.end())
                    .add(tail.getInt(0))
                    .add(0)
                    .value();
            tail.putInt(4, value);
        }
    }

    /**
     * Returns whether a block of a directory's index has the checksum it should have.
     *
     * @param index the block
     * @param number the directory's inode
     * @param generation which use of this inode it is
     * @return whether it has
     */
    public boolean isSealed(DirectoryIndex index, long number, int generation) {
        byte[] before = index.block().clone();
        sealIndex(index, number, generation);
        return Arrays.equals(before, index.block());
    }

    /**
     * Stores the checksum of a block of an extent tree in it.
     *
     * @param block the block
     * @param number the file's inode
     * @param generation which use of this inode it is
     */
    public void sealExtents(byte[] block, long number, int generation) {
        if (coverAll()) {
            int at = ExtentTreeEncoder.tail(block);
            wrap(block, at, Integer.BYTES)
                    .putInt(0, ofInode(number, generation).add(block, 0, at).value());
        }
    }

    /**
     * Stores the checksum of a block of extended attributes in it.
     *
     * @param block the block
     * @param number its position on the disk
     */
    public void sealAttributes(byte[] block, long number) {
        if (coverAll()) {
            ByteBuffer out = wrap(block, 0, block.length);
            out.putInt(0x10, 0);
            Crc crc = new Crc(seed).add((int) number).add((int) (number >>> 32));
            out.putInt(0x10, crc.add(block, 0, block.length).value());
        }
    }

    /**
     * Returns whether bytes have the checksum they should have.
     *
     * @param bytes the bytes
     * @param seal stores the checksum in them
     * @return whether that would change nothing
     */
    public static boolean isSealed(byte[] bytes, Consumer<byte[]> seal) {
        byte[] sealed = bytes.clone();
        seal.accept(sealed);
        return Arrays.equals(sealed, bytes);
    }

    private Crc ofInode(long number, int generation) {
        return new Crc(seed).add((int) number).add(generation);
    }

    private static ByteBuffer wrap(byte[] bytes, int at, int length) {
        return ByteBuffer.wrap(bytes, at, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int crc16(int value, byte[] bytes, int at, int length) {
        int crc = value;
        for (int i = at; i < at + length; i++) {
            crc ^= bytes[i] & 0xff;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0xa001 : 0);
            }
        }
        return crc;
    }

    /** A CRC-32C that begins anywhere and is not inverted at the end. */
    private static final class Crc {
        private final CRC32C crc = new CRC32C();
        private final byte[] four = new byte[Integer.BYTES];

        /** Java's begins with all ones; from there, four certain bytes lead to any other beginning. */
        Crc(int start) {
            if (start != -1) {
                int back = start;
                for (int bit = 0; bit < Integer.SIZE; bit++) {
                    back = back < 0 ? ((back ^ REVERSED_POLYNOMIAL) << 1) | 1 : back << 1;
                }
                add(~back);
            }
        }

        Crc add(int word) {
            wrap(four, 0, four.length).putInt(0, word);
            return add(four, 0, four.length);
        }

        Crc add(byte[] bytes, int at, int length) {
            crc.update(bytes, at, length);
            return this;
        }

        int value() {
            return ~(int) crc.getValue();
        }
    }
}
