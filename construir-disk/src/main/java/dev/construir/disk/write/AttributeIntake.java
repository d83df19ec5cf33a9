package dev.construir.disk.write;

import dev.construir.disk.write.AccessListText.UnknownNameException;
import dev.construir.disk.write.PackOptions.ForeignAttributes;
import dev.construir.ext.AccessControlList;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.ext.Inode;
import dev.construir.tar.LeftOut;
import dev.construir.tar.ShortText;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which extended attributes and access lists arrive on a disk, and what modes become of those that do not;
 * counts the latter.
 */
final class AttributeIntake {
    private static final int SHOWN = 3;
    private static final int SHOWN_LENGTH = 200;
    private static final String NO_ROOM = "it has more entries than there is room for";

    private final PackOptions options;
    private final AccessListText.Names names;
    private final Supplier<AttributeRoom> rooms;
    private final LeftOut leftOut = new LeftOut();
    private final LeftOut tooLarge = new LeftOut();
    private final LeftOut misplaced = new LeftOut();
    private final Map<Kind, Lost> lost = new EnumMap<>(Kind.class);
    private long foreignLists;

    private enum Kind {
        ACCESS("access control list", "no user gains rights by that: the modes grant no more than the lists did"),
        DEFAULT(
                "default access control list",
                "what is made in those directories gets the rights that its maker asks for");

        private final String text;
        private final String consequence;

        Kind(String text, String consequence) {
            this.text = text;
            this.consequence = consequence;
        }
    }

    /** How many lists of a kind were lost, and some of the reasons. */
    private static final class Lost {
        private final Set<String> reasons = new LinkedHashSet<>();
        private long count;

        void add(String reason) {
            count++;
            if (reasons.size() < SHOWN) {
                reasons.add(reason);
            }
        }
    }

    /** Takes what entries have whose attributes go into such a room each. */
    AttributeIntake(PackOptions options, AccessListText.Names names, Supplier<AttributeRoom> rooms) {
        this.options = options;
        this.names = names;
        this.rooms = rooms;
    }

    /** What an entry gets: its mode, and its attributes in the order a disk keeps them in. */
    record Taken(int mode, Collection<ExtendedAttribute> attributes) {}

    /**
     * Takes what an entry has.
     *
     * @param kind what it is, as the mode of an inode says it
     * @param list its access list as text, or empty if there is none, or it is among the attributes
     * @param defaultList the same of its default list
     * @throws IllegalArgumentException if something cannot be kept, and that is refused
     */
    Taken take(int kind, int mode, Map<String, byte[]> attributes, String list, String defaultList) {
        leaveMisplaced(kind, attributes, list, defaultList);
        AttributeRoom room = rooms.get(); // for lists first, as rights depend on them
        int granted = kind == Inode.LINK ? mode : access(mode, list, attributes.get(AccessControlList.ACCESS), room);
        if (kind == Inode.DIRECTORY) {
            inherited(defaultList, attributes.get(AccessControlList.DEFAULT), room);
        }
        addOthers(kind, attributes, room);
        return new Taken(granted, room.kept());
    }

    private void addOthers(int kind, Map<String, byte[]> attributes, AttributeRoom room) {
        LeftOut found = new LeftOut();
        new TreeMap<>(attributes).forEach((name, value) -> {
            boolean isList = name.equals(AccessControlList.ACCESS) || name.equals(AccessControlList.DEFAULT);
            if (!isList && canHave(kind, name) && !room.add(ExtendedAttribute.of(name, value))) {
                found.add(name, value.length + " bytes");
            }
        });
        if (found.count() > 0) {
            refuse("it has extended attributes that do not fit the inode and the one block of " + room.bytes()
                    + " bytes that an entry has for them: " + found.describe());
            tooLarge.addAll(found);
        }
    }

    /** Linux takes these of other kinds for none of its business, or refuses them. */
    private static boolean canHave(int kind, String name) {
        boolean isDirectory = kind == Inode.DIRECTORY;
        return switch (name) {
            case AccessControlList.ACCESS -> kind != Inode.LINK;
            case AccessControlList.DEFAULT -> isDirectory;
            default -> isDirectory || kind == Inode.FILE || !name.startsWith("user.");
        };
    }

    private void leaveMisplaced(int kind, Map<String, byte[]> attributes, String list, String defaultList) {
        LeftOut found = new LeftOut();
        for (String name : attributes.keySet()) {
            if (!canHave(kind, name)) {
                found.add(name);
            }
        }
        if (!list.isBlank() && !canHave(kind, AccessControlList.ACCESS)) {
            found.add(AccessControlList.ACCESS);
        }
        if (!defaultList.isBlank() && !canHave(kind, AccessControlList.DEFAULT)) {
            found.add(AccessControlList.DEFAULT);
        }
        if (found.count() > 0) {
            refuse("it has extended attributes that Linux gives to entries of other kinds only: " + found.describe());
            misplaced.addAll(found);
        }
    }

    private int access(int mode, String text, byte @Nullable [] value, AttributeRoom room) {
        AccessControlList list;
        try {
            list = list(text, value);
        } catch (UnknownNameException e) {
            lose(Kind.ACCESS, e.getMessage() + " has no number");
            return e.known().modeWithout(mode);
        } catch (IllegalArgumentException e) {
            lose(Kind.ACCESS, String.valueOf(e.getMessage()));
            return AccessControlList.modeWithoutUnknown(mode);
        }
        if (list == null) {
            return mode;
        } else if (list.isMode() || room.add(ExtendedAttribute.of(AccessControlList.ACCESS, list.value()))) {
            return list.mode(mode);
        }
        lose(Kind.ACCESS, NO_ROOM);
        return list.modeWithout(mode);
    }

    private void inherited(String text, byte @Nullable [] value, AttributeRoom room) {
        AccessControlList list;
        try {
            list = list(text, value);
        } catch (UnknownNameException e) {
            lose(Kind.DEFAULT, e.getMessage() + " has no number");
            return;
        } catch (IllegalArgumentException e) {
            lose(Kind.DEFAULT, String.valueOf(e.getMessage()));
            return;
        }
        if (list != null && !room.add(ExtendedAttribute.of(AccessControlList.DEFAULT, list.value()))) {
            lose(Kind.DEFAULT, NO_ROOM);
        }
    }

    private @Nullable AccessControlList list(String text, byte @Nullable [] value) throws UnknownNameException {
        if (!text.isBlank()) {
            return AccessListText.parse(text, names);
        }
        return value == null ? null : AccessControlList.ofValue(value);
    }

    private void lose(Kind kind, String reason) {
        refuse("its " + kind.text + " cannot be kept: " + printable(reason));
        lost.computeIfAbsent(kind, first -> new Lost()).add(printable(reason));
    }

    private static String printable(String text) {
        return ShortText.of(text, SHOWN_LENGTH);
    }

    /** Notes attributes of an entry that were not even read, as no disk can keep them, and a list of another kind. */
    void leave(LeftOut names, boolean foreignList) {
        if (names.count() > 0) {
            refuse("it has extended attributes that the disk cannot keep: " + names.describe());
            leftOut.addAll(names);
        }
        if (foreignList) {
            refuse("it has an access control list of NFSv4, which the disk cannot keep");
            foreignLists++;
        }
    }

    private void refuse(String fault) {
        if (options.foreignAttributes() == ForeignAttributes.REFUSE) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** Warns of what did not arrive. */
    void report() {
        if (leftOut.count() > 0) {
            options.warnings()
                    .accept(counted(leftOut.count(), "extended attribute") + " left out, as the disk cannot keep "
                            + (leftOut.count() == 1 ? "it: " : "them: ") + leftOut.describe());
        }
        if (tooLarge.count() > 0) {
            options.warnings()
                    .accept(counted(tooLarge.count(), "extended attribute") + " left out, as an entry has room for "
                            + rooms.get().bytes() + " bytes of them: " + tooLarge.describe());
        }
        if (misplaced.count() > 0) {
            options.warnings()
                    .accept(counted(misplaced.count(), "extended attribute")
                            + " left out, as Linux gives such to entries of other kinds only: " + misplaced.describe());
        }
        lost.forEach((kind, lists) -> options.warnings()
                .accept(counted(lists.count, kind.text) + " left out (" + String.join(", ", lists.reasons) + "); "
                        + kind.consequence));
        if (foreignLists > 0) {
            options.warnings()
                    .accept(counted(foreignLists, "access control list")
                            + " of NFSv4 left out, which the disk cannot keep; the modes are as they were");
        }
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
