package dev.construir.ext;

import dev.construir.DiskFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A POSIX access control list, which follows acl(5): who has which rights in addition to what a mode says. The group's
 * bits of the mode of a file that has one are no rights of the group, but a mask over all that the list grants to
 * others than the owner and the rest of the world.
 *
 * <p>The disk omits numbers without meaning; programs see all numbers, in the values of attributes.
 */
public final class AccessControlList {
    /** The attribute that grants rights to an entry. */
    public static final String ACCESS = "system.posix_acl_access";
    /** The attribute of a directory with the default list of new entries. */
    public static final String DEFAULT = "system.posix_acl_default";
    /** No block has room for more entries. */
    public static final int MAX_ENTRIES = 4096;

    private static final int DISK_VERSION = 1;
    private static final int VERSION = 2;
    private static final int HEADER = 4;
    private static final int SHORT_ENTRY = 4;
    private static final int ENTRY = 8;
    private static final int UNDEFINED = -1;
    private static final int ALL = 07;
    private static final int OWNER_BITS = 0700;
    private static final int PERMISSIONS = 0777;

    /** Who an entry is for, in the order in which the kernel stores and checks entries. */
    public enum Tag {
        /** The owner. */
        OWNER(0x01),
        /** A user with a number. */
        USER(0x02),
        /** The group of the file. */
        OWNING_GROUP(0x04),
        /** A group with a number. */
        GROUP(0x08),
        /** The mask: the most that all but the owner and the others get. */
        MASK(0x10),
        /** All others. */
        OTHERS(0x20);

        private final int number;

        Tag(int number) {
            this.number = number;
        }

        /**
         * Returns whether there may be many, each with its own number.
         *
         * @return whether the entry names a user or a group
         */
        public boolean isNamed() {
            return this == USER || this == GROUP;
        }

        private static @Nullable Tag of(int number) {
            for (Tag tag : values()) {
                if (tag.number == number) {
                    return tag;
                }
            }
            return null;
        }
    }

    /**
     * What one of them may do.
     *
     * @param tag whom it is for
     * @param id the number of the user or group, if it is for one with a number
     * @param rights the rights: 4 to read, 2 to write, 1 to execute
     */
    public record Entry(Tag tag, long id, int rights) {}

    private final List<Entry> entries;

    private AccessControlList(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        check();
    }

    /**
     * Creates a list of entries.
     *
     * @param unsorted the entries, in any order
     * @return the list
     * @throws IllegalArgumentException if no file can have such a list
     */
    public static AccessControlList of(List<Entry> unsorted) {
        List<Entry> sorted = new ArrayList<>(unsorted);
        sorted.sort(Comparator.comparing(Entry::tag).thenComparingLong(Entry::id));
        return new AccessControlList(sorted);
    }

    /** @throws IllegalArgumentException if no file can have such a list */
    private void check() {
        Set<Tag> seen = EnumSet.noneOf(Tag.class);
        Set<Entry> whose = new HashSet<>();
        Tag last = Tag.OWNER;
        for (Entry entry : entries) {
            if (!whose.add(new Entry(entry.tag, entry.tag.isNamed() ? entry.id : 0, 0))) {
                throw new IllegalArgumentException("it says twice what the same one may do");
            } else if (entry.tag.compareTo(last) < 0) {
                // The kernel checks entries in their order, so that any after the one for others would have no effect.
                throw new IllegalArgumentException("its entries are in no order");
            }
            last = entry.tag;
            seen.add(last);
        }
        boolean needsMask = seen.contains(Tag.USER) || seen.contains(Tag.GROUP);
        if (!seen.containsAll(EnumSet.of(Tag.OWNER, Tag.OWNING_GROUP, Tag.OTHERS))
                || (needsMask && !seen.contains(Tag.MASK))) {
            throw new IllegalArgumentException("it lacks the owner, the owning group, the others, or the mask");
        }
    }

    /**
     * Reads the value that {@code getxattr(2)} returns.
     *
     * @param value the attribute's value
     * @return the list
     * @throws IllegalArgumentException if no file can have such a list
     */
    public static AccessControlList ofValue(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (value.length % ENTRY != HEADER || value.length > HEADER + ENTRY * MAX_ENTRIES || in.getInt() != VERSION) {
            throw new IllegalArgumentException("it is not of version " + VERSION);
        }
        List<Entry> entries = new ArrayList<>();
        while (in.hasRemaining()) {
            int number = in.getShort();
            Tag tag = Tag.of(number);
            int rights = in.getShort();
            long id = Integer.toUnsignedLong(in.getInt());
            if (tag == null || (rights & ~ALL) != 0) {
                throw new IllegalArgumentException("an entry is of the unknown kind " + number + ", or its rights are");
            }
            entries.add(new Entry(tag, tag.isNamed() ? id : 0, rights));
        }
        return new AccessControlList(entries);
    }

    /**
     * Returns the value that {@code getxattr(2)} does.
     *
     * @return the attribute's value
     */
    public byte[] value() {
        ByteBuffer out = ByteBuffer.allocate(HEADER + ENTRY * entries.size()).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(VERSION);
        for (Entry entry : entries) {
            out.putShort((short) entry.tag.number).putShort((short) entry.rights);
            out.putInt(entry.tag.isNamed() ? (int) entry.id : UNDEFINED);
        }
        return out.array();
    }

    /**
     * Returns whether a mode can express the list.
     *
     * @return whether the list names no user or group and has no mask
     */
    public boolean isMode() {
        return entries.size() == 3;
    }

    /**
     * Returns the mode of a file that keeps the list: what the kernel makes of a mode when the list is set.
     *
     * @param mode a mode, of which the permission bits do not matter
     * @return the mode, with the mask where the group's bits are
     */
    public int mode(int mode) {
        int group = rights(Tag.MASK, rights(Tag.OWNING_GROUP, 0));
        return (mode & ~PERMISSIONS) | (rights(Tag.OWNER, 0) << 6) | (group << 3) | rights(Tag.OTHERS, 0);
    }

    /**
     * Returns the mode of a file that loses the list, by which no user gains: the group has what the list gives to the
     * owning group, and neither it nor others have what the list denies to one that it names.
     *
     * @param mode a mode, of which the permission bits do not matter
     * @return the mode
     */
    public int modeWithout(int mode) {
        int mask = rights(Tag.MASK, ALL);
        int users = ALL;
        int groups = ALL;
        for (Entry entry : entries) {
            users &= entry.tag == Tag.USER ? entry.rights & mask : ALL;
            groups &= entry.tag == Tag.GROUP ? entry.rights & mask : ALL;
        }
        int group = rights(Tag.OWNING_GROUP, 0) & mask & users;
        int others = rights(Tag.OTHERS, 0) & users & groups;
        return (mode & ~PERMISSIONS) | (rights(Tag.OWNER, 0) << 6) | (group << 3) | others;
    }

    /**
     * Returns the mode of a file that loses a list which cannot be read: as the kernel does with such a list, it grants
     * nothing to any but the owner, who needs no list.
     *
     * @param mode the file's mode
     * @return the mode
     */
    public static int modeWithoutUnknown(int mode) {
        return mode & ~(PERMISSIONS & ~OWNER_BITS);
    }

    private int rights(Tag tag, int otherwise) {
        return entries.stream()
                .filter(entry -> entry.tag == tag)
                .mapToInt(Entry::rights)
                .findFirst()
                .orElse(otherwise);
    }

    /**
     * Turns a list as the disk keeps it into the value of the attribute that {@code getxattr(2)} returns. Does not
     * check whether a file can have such a list: {@link #ofValue} does.
     *
     * @param disk the bytes on the disk
     * @param name what to call it in messages
     * @return the attribute's value
     * @throws DiskFormatException if it is no such list
     */
    public static byte[] decode(byte[] disk, String name) throws DiskFormatException {
        ByteBuffer in = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(HEADER + 2 * disk.length).order(ByteOrder.LITTLE_ENDIAN);
        if (disk.length < HEADER || in.getInt() != DISK_VERSION) {
            throw new DiskFormatException(name + ", an access control list, is none of version 1");
        }
        out.putInt(VERSION);
        while (in.hasRemaining()) {
            int number = in.remaining() < SHORT_ENTRY ? 0 : in.getShort();
            boolean named = isNamed(number);
            if (number == 0 || in.remaining() < (named ? 6 : 2)) {
                throw new DiskFormatException(name + ", an access control list, is cut off");
            }
            out.putShort((short) number).putShort(in.getShort()).putInt(named ? in.getInt() : UNDEFINED);
        }
        byte[] value = new byte[out.position()];
        out.flip().get(value);
        return value;
    }

    private static boolean isNamed(int number) {
        Tag tag = Tag.of(number);
        return tag != null && tag.isNamed();
    }

    /**
     * Turns the value of the attribute that {@code getxattr(2)} returns into a list as the disk keeps it.
     *
     * @param value the attribute's value
     * @return the bytes on the disk
     * @throws IllegalArgumentException if it is no such list
     */
    static byte[] encode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (value.length % ENTRY != HEADER || in.getInt() != VERSION) {
            throw new IllegalArgumentException("an access control list has the version 2 and entries of 8 bytes, as"
                    + " getxattr(2) returns them; this one is of " + value.length + " bytes");
        }
        ByteBuffer out = ByteBuffer.allocate(value.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(DISK_VERSION);
        while (in.hasRemaining()) {
            short number = in.getShort();
            out.putShort(number).putShort(in.getShort());
            int whose = in.getInt();
            if (isNamed(number)) {
                out.putInt(whose);
            }
        }
        byte[] disk = new byte[out.position()];
        out.flip().get(disk);
        return disk;
    }
}
