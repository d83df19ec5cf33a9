package dev.construir.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A POSIX access control list: who has which rights besides what a mode says. It follows acl(5), and for its text star(5) as well. The group bits of
 * the mode of a file that has one are no rights of the group, but a mask over all that it gives to others than owner and world.
 */
final class AccessList {
    static final String ACCESS = "system.posix_acl_access";
    static final String DEFAULT = "system.posix_acl_default";

    private static final int VERSION = 2;
    private static final int HEADER = 4;
    private static final int ENTRY = 8;
    private static final int MAX_ENTRIES = 4096; // more than any block has room for
    private static final int RIGHTS = 7;

    private enum Tag {
        OWNER(0x01, "user"),
        USER(0x02, "user"),
        OWNING_GROUP(0x04, "group"),
        GROUP(0x08, "group"),
        MASK(0x10, "mask"),
        OTHERS(0x20, "other");

        private final int number;
        private final String word;

        Tag(int number, String word) {
            this.number = number;
            this.word = word;
        }

        boolean isNamed() {
            return this == USER || this == GROUP;
        }

        static Tag of(int number) {
            for (Tag tag : values()) {
                if (tag.number == number) {
                    return tag;
                }
            }
            throw new IllegalArgumentException("an entry is of the unknown kind " + number);
        }

        static Tag of(String word, boolean named) {
            String whole = word.toLowerCase(Locale.ROOT);
            for (Tag tag : values()) {
                if (tag.isNamed() == named
                        && (tag.word.equals(whole) || tag.word.substring(0, 1).equals(whole))) {
                    return tag;
                }
            }
            throw new IllegalArgumentException("an entry is for \"" + word + "\"");
        }
    }

    private record Entry(Tag tag, long id, int rights) {
        private static final Comparator<Entry> ORDER =
                Comparator.comparing(Entry::tag).thenComparingLong(Entry::id);
    }

    /** Finds the numbers of users and groups by their names. */
    interface Names {
        OptionalLong user(String name);

        OptionalLong group(String name);
    }

    /** A list names somebody whose number is not known. */
    static final class UnknownNameException extends Exception {
        private static final long serialVersionUID = 1L;
        /** What the list grants, as far as it can be told without the number. */
        private final transient AccessList known;

        private UnknownNameException(String name, AccessList known) {
            super(name);
            this.known = known;
        }

        AccessList known() {
            return known;
        }
    }

    private final List<Entry> entries;

    private AccessList(List<Entry> unsorted) {
        List<Entry> sorted = new ArrayList<>(unsorted);
        sorted.sort(Entry.ORDER);
        entries = List.copyOf(sorted);
        check();
    }

    /** @throws IllegalArgumentException if no file can have such a list */
    private void check() {
        Set<Tag> seen = EnumSet.noneOf(Tag.class);
        Set<Entry> named = new HashSet<>();
        for (Entry entry : entries) {
            boolean first = seen.add(entry.tag);
            if (!first && (!entry.tag.isNamed() || !named.add(new Entry(entry.tag, entry.id, 0)))) {
                throw new IllegalArgumentException("it says twice what the same one may do");
            } else if (first && entry.tag.isNamed()) {
                named.add(new Entry(entry.tag, entry.id, 0));
            }
        }
        boolean needsMask = seen.contains(Tag.USER) || seen.contains(Tag.GROUP);
        if (!seen.containsAll(EnumSet.of(Tag.OWNER, Tag.OWNING_GROUP, Tag.OTHERS))
                || (needsMask && !seen.contains(Tag.MASK))) {
            throw new IllegalArgumentException("it lacks the owner, the owning group, the others, or the mask");
        }
    }

    /**
     * Reads a list as text, one entry a line or between commas: {@code user::rw-}, {@code user:NAME:r--}, {@code user:NAME:r--:NUMBER},
     * {@code default:group::r-x}, with comments behind {@code #}.
     *
     * @throws IllegalArgumentException if it is no list
     * @throws UnknownNameException if it is one, and a name in it has no number
     */
    static AccessList parse(String text, Names names) throws UnknownNameException {
        List<Entry> entries = new ArrayList<>();
        String unknown = null;
        long standIn = -1; // below all numbers, so that no two are the same
        for (String line : text.split("[\n,]")) {
            String entry = line.replaceFirst("#.*", "").strip();
            if (entry.isEmpty()) {
                continue;
            }
            if (entries.size() == MAX_ENTRIES) {
                throw new IllegalArgumentException("it has more than " + MAX_ENTRIES + " entries");
            }
            String[] fields = entry.replaceFirst("^(default|d):", "").split(":", -1);
            boolean withName = fields.length > 2 && !fields[1].isBlank();
            Tag tag = Tag.of(fields[0].strip(), withName);
            // Solaris leaves out the empty name of mask and others.
            String rights = fields.length == 2 ? fields[1] : fields.length > 2 ? fields[2] : "";
            long id = 0;
            if (withName) {
                OptionalLong number = number(tag, fields, names);
                if (number.isEmpty()) {
                    unknown = fields[1].strip();
                }
                id = number.orElse(standIn--);
            }
            entries.add(new Entry(tag, id, rights(rights.strip())));
        }
        AccessList list = new AccessList(entries);
        if (unknown != null) {
            throw new UnknownNameException(unknown, list);
        }
        return list;
    }

    private static OptionalLong number(Tag tag, String[] fields, Names names) {
        String number = fields.length > 3 ? fields[3].strip() : "";
        String name = fields[1].strip();
        for (String text : List.of(number, name)) {
            if (text.matches("[0-9]{1,10}") && Long.parseLong(text) < 0xffff_ffffL) {
                return OptionalLong.of(Long.parseLong(text));
            }
        }
        return tag == Tag.USER ? names.user(name) : names.group(name);
    }

    private static int rights(String text) {
        if (text.matches("[0-7]")) {
            return text.charAt(0) - '0';
        }
        if (!text.matches("[rwxX-]{1,4}")) {
            throw new IllegalArgumentException("\"" + text + "\" are no rights");
        }
        return (text.contains("r") ? 4 : 0) | (text.contains("w") ? 2 : 0) | (text.contains("x") ? 1 : 0);
    }

    /**
     * Reads a list as getxattr(2) returns it.
     *
     * @throws IllegalArgumentException if it is none
     */
    static AccessList decode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (value.length % ENTRY != HEADER || value.length > HEADER + ENTRY * MAX_ENTRIES || in.getInt() != VERSION) {
            throw new IllegalArgumentException("it is not of version " + VERSION);
        }
        List<Entry> entries = new ArrayList<>();
        while (in.hasRemaining()) {
            Tag tag = Tag.of(in.getShort());
            int rights = in.getShort() & RIGHTS;
            long id = Integer.toUnsignedLong(in.getInt());
            entries.add(new Entry(tag, tag.isNamed() ? id : 0, rights));
        }
        return new AccessList(entries);
    }

    /** Returns the list as getxattr(2) does. */
    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(HEADER + ENTRY * entries.size()).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(VERSION);
        for (Entry entry : entries) {
            out.putShort((short) entry.tag.number).putShort((short) entry.rights);
            out.putInt(entry.tag.isNamed() ? (int) entry.id : -1);
        }
        return out.array();
    }

    /** Returns whether a mode says it all. */
    boolean isMode() {
        return entries.size() == 3;
    }

    /** Returns the mode of a file that keeps the list: what the kernel makes of a mode when the list is set. */
    int mode(int mode) {
        int group = rights(Tag.MASK, rights(Tag.OWNING_GROUP, 0));
        return (mode & ~0777) | (rights(Tag.OWNER, 0) << 6) | (group << 3) | rights(Tag.OTHERS, 0);
    }

    /**
     * Returns the mode of a file that loses the list, by which nobody gains: the group has what the list gives to the owning group, and neither it
     * nor others have what the list denies to one that it names.
     */
    int modeWithout(int mode) {
        int mask = rights(Tag.MASK, RIGHTS);
        int users = RIGHTS;
        int groups = RIGHTS;
        for (Entry entry : entries) {
            users &= entry.tag == Tag.USER ? entry.rights & mask : RIGHTS;
            groups &= entry.tag == Tag.GROUP ? entry.rights & mask : RIGHTS;
        }
        int group = rights(Tag.OWNING_GROUP, 0) & mask & users;
        int others = rights(Tag.OTHERS, 0) & users & groups;
        return (mode & ~0777) | (rights(Tag.OWNER, 0) << 6) | (group << 3) | others;
    }

    private int rights(Tag tag, int otherwise) {
        return entries.stream()
                .filter(entry -> entry.tag == tag)
                .mapToInt(Entry::rights)
                .findFirst()
                .orElse(otherwise);
    }
}
