package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the extended attributes in one place, a separate block or the end of an inode, and checks each. Does not
 * check hashes: the writer of an attribute computes its hash.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/dynamic.html#extended-attributes">ext4: extended
 *     attributes</a>
 */
public final class AttributeBlock {
    private static final int MAGIC = 0xea02_0000;
    private static final int HEADER = 32;
    private static final int ENTRY = 16;
    private static final int OLD_INODE_SIZE = 128;

    private final ByteBuffer bytes;
    private final long offset;
    private final int base;
    private final int end;
    private int namesEnd;
    private int at;
    private int next;

    private AttributeBlock(byte[] bytes, long offset, int first, int base, int end) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.offset = offset;
        this.base = base;
        this.end = end;
        this.namesEnd = first;
        this.next = first;
    }

    /**
     * Creates a walk over a block of attributes, before the first.
     *
     * @param block the block
     * @param offset its position on the disk, in bytes
     * @return the walk
     * @throws DiskFormatException if the block is damaged
     */
    public static AttributeBlock inBlock(byte[] block, long offset) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(0) != MAGIC || in.getInt(8) != 1) {
            throw new DiskFormatException("attribute block at byte " + offset + " is none: magic number 0x"
                    + Integer.toHexString(in.getInt(0)) + ", " + Integer.toUnsignedString(in.getInt(8)) + " blocks");
        }
        return new AttributeBlock(block, offset, HEADER, 0, block.length).checked();
    }

    /**
     * Creates a walk over the attributes at the end of an inode, before the first.
     *
     * @param block the block the inode is in
     * @param at where it begins there
     * @param size its size in bytes
     * @param offset the position of the block on the disk, in bytes
     * @return the walk
     * @throws DiskFormatException if the inode is damaged
     */
    public static AttributeBlock inInode(byte[] block, int at, int size, long offset) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        int extra = size > OLD_INODE_SIZE ? in.getShort(at + OLD_INODE_SIZE) & 0xffff : 0;
        if (extra % Integer.BYTES != 0 || extra > size - OLD_INODE_SIZE) {
            throw new DiskFormatException(
                    "inode at byte " + (offset + at) + " uses an impossible number of bytes beyond 128, " + extra);
        }
        int start = at + OLD_INODE_SIZE + extra;
        int end = at + size;
        boolean any = extra > 0 && start + 2 * Integer.BYTES <= end && in.getInt(start) == MAGIC;
        int first = any ? start + Integer.BYTES : end;
        return new AttributeBlock(block, offset, first, first, end).checked();
    }

    /** Finds where the names end: behind that are the values. */
    private AttributeBlock checked() throws DiskFormatException {
        while (!isLast(namesEnd)) {
            at = namesEnd;
            if (end - at < ENTRY || length() > end - at) {
                throw damaged("is cut off");
            }
            namesEnd += length();
        }
        return this;
    }

    private boolean isLast(int entry) {
        return end - entry < Integer.BYTES || bytes.getInt(entry) == 0;
    }

    private int length() {
        return ENTRY + (nameLength() + 3) / 4 * 4;
    }

    /**
     * Goes to the next attribute.
     *
     * @return whether there is one
     * @throws DiskFormatException if it is damaged
     */
    public boolean next() throws DiskFormatException {
        if (next >= namesEnd) {
            return false;
        }
        at = next;
        next += length();
        if (valueInode() == 0 && valueSize() > 0) {
            long from = valueAt();
            if (from < namesEnd || from + valueSize() > end) {
                throw damaged("has a value of " + valueSize() + " bytes at " + (from - base)
                        + ", which is not between the names and the end");
            }
        }
        for (int i = at + ENTRY; i < at + ENTRY + nameLength(); i++) {
            if (bytes.get(i) == 0) {
                throw damaged("has a NUL in its name");
            }
        }
        return true;
    }

    private int nameLength() {
        return bytes.get(at) & 0xff;
    }

    private @Nullable AttributePrefix prefix() {
        return AttributePrefix.of(bytes.get(at + 1) & 0xff);
    }

    private int valueAt() {
        return base + (bytes.getShort(at + 2) & 0xffff);
    }

    /**
     * Returns whether the attribute is for users: those that hold inline data, or how a file is encrypted, are the file
     * system's own, and so are those of unknown prefixes.
     *
     * @return whether it is
     */
    public boolean isVisible() {
        return prefix() != null && !isInlineData();
    }

    /**
     * Returns whether the attribute holds content of its file.
     *
     * @return whether it does
     */
    public boolean isInlineData() {
        return prefix() == AttributePrefix.SYSTEM
                && nameLength() == 4
                && bytes.getInt(at + ENTRY) == ('d' | 'a' << 8 | 't' << 16 | 'a' << 24);
    }

    /**
     * Returns whether the attribute is a list of access rights, which the disk keeps in its own form: see
     * {@link AccessControlList}.
     *
     * @return whether it is
     */
    public boolean isAccessControlList() {
        AttributePrefix prefix = prefix();
        return prefix != null && prefix.isAccessControlList();
    }

    /**
     * Returns the attribute's name, if it is {@linkplain #isVisible() visible}.
     *
     * @return the name with its prefix; bytes that are no UTF-8 appear as U+FFFD
     */
    public String name() {
        return Objects.requireNonNull(prefix()).text()
                + new String(bytes.array(), at + ENTRY, nameLength(), StandardCharsets.UTF_8);
    }

    /**
     * Returns the inode whose content is the value.
     *
     * @return its number, or 0 if the value is here
     */
    public long valueInode() {
        return Integer.toUnsignedLong(bytes.getInt(at + 4));
    }

    /**
     * Returns the value's size.
     *
     * @return the size in bytes; it is known to be possible only where the value is here
     */
    public long valueSize() {
        return Integer.toUnsignedLong(bytes.getInt(at + 8));
    }

    /**
     * Returns the value, if it is here.
     *
     * @return its bytes
     */
    public byte[] value() {
        int from = valueAt();
        return valueSize() == 0 ? new byte[0] : Arrays.copyOfRange(bytes.array(), from, from + (int) valueSize());
    }

    /**
     * Returns where the value is, if it is here.
     *
     * @return its offset on the disk in bytes
     */
    public long valuePosition() {
        return offset + valueAt();
    }

    /**
     * Returns where the attribute is.
     *
     * @return its offset on the disk in bytes
     */
    public long position() {
        return offset + at;
    }

    private DiskFormatException damaged(String found) {
        return new DiskFormatException("extended attribute at byte " + position() + " " + found);
    }
}
