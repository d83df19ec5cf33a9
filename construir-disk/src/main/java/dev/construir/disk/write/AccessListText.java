package dev.construir.disk.write;

import dev.construir.ext.AccessControlList;
import dev.construir.ext.AccessControlList.Entry;
import dev.construir.ext.AccessControlList.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Access control lists as text, as archives have them: see star(5). */
final class AccessListText {
    private AccessListText() {}

    /** Finds the numbers of users and groups by their names. */
    interface Names {
        OptionalLong user(String name);

        OptionalLong group(String name);
    }

    /** A list names a user or group whose number is not known. */
    static final class UnknownNameException extends Exception {
        private static final long serialVersionUID = 1L;
        /** What the list grants, as far as it is known without the number. */
        private final transient AccessControlList known;

        private UnknownNameException(String name, AccessControlList known) {
            super(name);
            this.known = known;
        }

        AccessControlList known() {
            return known;
        }
    }

    /**
     * Reads a list, one entry a line or between commas: {@code user::rw-}, {@code user:NAME:r--},
     * {@code user:NAME:r--:NUMBER}, {@code default:group::r-x}, with comments behind {@code #}.
     *
     * @throws IllegalArgumentException if it is no list
     * @throws UnknownNameException if it is one, and a name in it has no number
     */
    static AccessControlList parse(String text, Names names) throws UnknownNameException {
        List<Entry> entries = new ArrayList<>();
        String unknown = null;
        long standIn = -1; // below all numbers, so that no two are the same
        for (String line : text.split("[\n,]")) {
            String entry = line.replaceFirst("#.*", "").strip();
            if (entry.isEmpty()) {
                continue;
            }
            if (entries.size() == AccessControlList.MAX_ENTRIES) {
                throw new IllegalArgumentException("it has more than " + AccessControlList.MAX_ENTRIES + " entries");
            }
            String[] fields = entry.replaceFirst("^(default|d):", "").split(":", -1);
            boolean withName = fields.length > 2 && !fields[1].isBlank();
            Tag tag = tag(fields[0].strip(), withName);
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
        AccessControlList list = AccessControlList.of(entries);
        if (unknown != null) {
            throw new UnknownNameException(unknown, list);
        }
        return list;
    }

    private static Tag tag(String word, boolean named) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "user", "u" -> named ? Tag.USER : Tag.OWNER;
            case "group", "g" -> named ? Tag.GROUP : Tag.OWNING_GROUP;
            case "mask", "m" -> unnamed(Tag.MASK, named);
            case "other", "o" -> unnamed(Tag.OTHERS, named);
            default -> throw new IllegalArgumentException("an entry is for \"" + word + "\"");
        };
    }

    private static Tag unnamed(Tag tag, boolean named) {
        if (named) {
            throw new IllegalArgumentException("an entry for the mask or for others has a name");
        }
        return tag;
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
}
