package dev.construir.disk;

import dev.construir.ext.Inode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is being filled. Its records lie in one array, inode (4 bytes), kind (2 bytes), length of the name (1 byte), name, with
 * a hash table of their places beside it, so that a hundred thousand names take a few megabytes.
 */
final class DirectoryNode {
    private static final int NUMBER = 0;
    private static final int KIND = 4;
    private static final int LENGTH = 6;
    private static final int NAME = 7;
    /** Below this many records a search from the start is as fast as a table. */
    private static final int TABLE_FROM = 8;

    final int inode;
    private final @Nullable DirectoryNode parent;
    private final byte[] name;
    private Attributes attributes;
    private AttributeStore.@Nullable Extended extended;
    private byte[] records = new byte[64];
    private int used;
    private int count;
    private int subdirectories;
    /** Places in the records plus one; empty as long as there are few. */
    private int[] table = {};

    DirectoryNode(int inode, @Nullable DirectoryNode parent, byte[] name, Attributes attributes) {
        this.inode = inode;
        this.parent = parent;
        this.name = name;
        this.attributes = attributes;
    }

    Attributes attributes() {
        return attributes;
    }

    void setAttributes(Attributes given) {
        attributes = given;
    }

    AttributeStore.@Nullable Extended extended() {
        return extended;
    }

    void setExtended(AttributeStore.Extended given) {
        extended = given;
    }

    DirectoryNode parent() {
        return parent == null ? this : parent;
    }

    int subdirectories() {
        return subdirectories;
    }

    int count() {
        return count;
    }

    String path() {
        return parent == null ? "/" : DiskPath.child(parent.path(), name);
    }

    /** Returns where the record of a name is, or -1. */
    int find(byte[] wanted) {
        if (table.length == 0) {
            for (int at = 0; at < used; at = next(at)) {
                if (isNamed(at, wanted)) {
                    return at;
                }
            }
            return -1;
        }
        int slot = slot(hash(wanted, 0, wanted.length));
        while (table[slot] != 0) {
            if (isNamed(table[slot] - 1, wanted)) {
                return table[slot] - 1;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return -1;
    }

    /** Adds a record whose name was not there before. */
    void add(byte[] newName, int number, int kind) {
        int size = NAME + newName.length;
        if (records.length - used < size) {
            records = Arrays.copyOf(records, Math.max(used + size, records.length + (records.length >> 1)));
        }
        int at = used;
        for (int i = 0; i < 4; i++) {
            records[at + NUMBER + i] = (byte) (number >>> (8 * i));
        }
        records[at + KIND] = (byte) kind;
        records[at + KIND + 1] = (byte) (kind >>> 8);
        records[at + LENGTH] = (byte) newName.length;
        System.arraycopy(newName, 0, records, at + NAME, newName.length);
        used += size;
        count++;
        if (kind == Inode.DIRECTORY) {
            subdirectories++;
        }
        if (count >= TABLE_FROM && count * 2 > table.length) {
            rehash();
        } else if (table.length > 0) {
            enter(at);
        }
    }

    private void rehash() {
        table = new int[Integer.highestOneBit(count) * 8];
        for (int at = 0; at < used; at = next(at)) {
            enter(at);
        }
    }

    private void enter(int at) {
        int slot = slot(hash(records, at + NAME, lengthOfName(at)));
        while (table[slot] != 0) {
            slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = at + 1;
    }

    private int slot(int hash) {
        return (hash ^ (hash >>> 15)) & (table.length - 1);
    }

    private static int hash(byte[] bytes, int from, int length) {
        int hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = (hash * 0x01000193) ^ bytes[i];
        }
        return hash * 0x9e3779b1;
    }

    private boolean isNamed(int at, byte[] wanted) {
        int from = at + NAME;
        return Arrays.equals(records, from, from + lengthOfName(at), wanted, 0, wanted.length);
    }

    int inode(int at) {
        int number = 0;
        for (int i = 0; i < 4; i++) {
            number |= (records[at + NUMBER + i] & 0xff) << (8 * i);
        }
        return number;
    }

    int kind(int at) {
        return (records[at + KIND] & 0xff) | (records[at + KIND + 1] & 0xff) << 8;
    }

    /** The array {@link #offsetOfName} points into; not to be changed. */
    byte[] records() {
        return records;
    }

    int offsetOfName(int at) {
        return at + NAME;
    }

    int lengthOfName(int at) {
        return records[at + LENGTH] & 0xff;
    }

    /** Returns where the next record is; the first is at 0, the last ends at {@link #end}. */
    int next(int at) {
        return at + NAME + lengthOfName(at);
    }

    int end() {
        return used;
    }
}
