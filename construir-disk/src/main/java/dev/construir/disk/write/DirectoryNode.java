package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import dev.construir.ext.DiskPath;
import dev.construir.ext.Inode;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is being filled. Its records lie in one array, inode (4 bytes), kind (2 bytes), length of the name
 * (1 byte), name, with a hash table of their places beside it, so that a hundred thousand names take a few megabytes.
 */
final class DirectoryNode {
    private static final int NUMBER = 0;
    private static final int KIND = 4;
    private static final int LENGTH = 6;
    private static final int NAME = 7;
    /** No inode has this number. */
    private static final int VACANT = 0;
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
    /** How many bytes of UTF-8 its path has, without the slash it begins with. */
    private final int pathLength;
    /** Places in the records plus one; empty as long as there are few. */
    private int[] table = {};

    DirectoryNode(int inode, @Nullable DirectoryNode parent, byte[] name, Attributes attributes) {
        this.inode = inode;
        this.parent = parent;
        this.name = name;
        this.attributes = attributes;
        this.pathLength = parent == null ? 0 : parent.pathLength(name);
    }

    /** Returns how long the path of an entry is, as it is read: what is no UTF-8 is a replacement character then. */
    int pathLength(byte[] entry) {
        int length = DiskPath.length(entry);
        return parent == null ? length : pathLength + 1 + length;
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

    void setExtended(AttributeStore.@Nullable Extended given) {
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
        Deque<byte[]> names = new ArrayDeque<>();
        DirectoryNode node = this;
        for (DirectoryNode above = parent; above != null; above = node.parent) {
            names.push(node.name);
            node = above;
        }
        StringBuilder path = new StringBuilder();
        names.forEach(each -> path.append('/').append(DiskPath.text(each)));
        return path.isEmpty() ? "/" : path.toString();
    }

    /** Returns where the record of a name is, or -1. */
    int find(byte[] wanted) {
        int at = locate(wanted);
        return at < 0 || inode(at) == VACANT ? -1 : at;
    }

    private int locate(byte[] wanted) {
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

    /** Makes a record stand for nothing, until its name is added again. */
    void vacate(int at) {
        count(kind(at), -1);
        set(at, VACANT, 0);
    }

    /** Adds a record whose name is not there. */
    void add(byte[] newName, int number, int kind) {
        count(kind, 1);
        int vacant = locate(newName);
        if (vacant < 0) {
            append(newName, number, kind);
        } else {
            set(vacant, number, kind);
        }
    }

    private void count(int kind, int more) {
        count += more;
        subdirectories += kind == Inode.DIRECTORY ? more : 0;
    }

    private void set(int at, int number, int kind) {
        for (int i = 0; i < 4; i++) {
            records[at + NUMBER + i] = (byte) (number >>> (8 * i));
        }
        records[at + KIND] = (byte) kind;
        records[at + KIND + 1] = (byte) (kind >>> 8);
    }

    private void append(byte[] newName, int number, int kind) {
        int size = NAME + newName.length;
        if (records.length - used < size) {
            records = Arrays.copyOf(records, Math.max(used + size, records.length + (records.length >> 1)));
        }
        int at = used;
        set(at, number, kind);
        records[at + LENGTH] = (byte) newName.length;
        System.arraycopy(newName, 0, records, at + NAME, newName.length);
        used += size;
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
