package dev.construir.disk;

import dev.construir.disk.AccessList.UnknownNameException;
import dev.construir.disk.PackOptions.ForeignAttributes;
import dev.construir.ext.ExtendedAttribute;
import dev.construir.tar.LeftOut;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides which extended attributes and access lists arrive on a disk, and what modes become of those that do not; counts the latter. */
final class AttributeIntake {
    private static final int SHOWN = 3;
    /** Of the group's bits nobody knows whether they are a mask. */
    private static final int UNKNOWN_MASK = 0070;

    private final PackOptions options;
    private final AccessList.Names names;
    private final LeftOut leftOut = new LeftOut();
    private final Set<String> reasons = new LinkedHashSet<>();
    private long lists;
    private long foreignLists;

    AttributeIntake(PackOptions options, AccessList.Names names) {
        this.options = options;
        this.names = names;
    }

    /** What an entry gets: its mode, and its attributes in the order a disk keeps them in. */
    record Taken(int mode, Collection<ExtendedAttribute> attributes) {}

    /**
     * Takes what an entry has.
     *
     * @param list its access list as text, or empty if there is none, or it is among the attributes
     * @param defaultList the same of its default list
     * @throws IllegalArgumentException if something cannot be kept, and that is refused
     */
    Taken take(boolean isDirectory, int mode, Map<String, byte[]> attributes, String list, String defaultList) {
        List<ExtendedAttribute> kept = new ArrayList<>(attributes.size());
        attributes.forEach((name, value) -> {
            if (!name.equals(AccessList.ACCESS) && !name.equals(AccessList.DEFAULT)) {
                kept.add(ExtendedAttribute.of(name, value));
            }
        });
        int granted = access(mode, list, attributes.get(AccessList.ACCESS), kept);
        if (isDirectory) {
            inherited(defaultList, attributes.get(AccessList.DEFAULT), kept);
        }
        kept.sort(null);
        return new Taken(granted, kept);
    }

    private int access(int mode, String text, byte @Nullable [] value, List<ExtendedAttribute> kept) {
        try {
            AccessList list = list(text, value);
            if (list == null) {
                return mode;
            } else if (!list.isMode()) {
                kept.add(ExtendedAttribute.of(AccessList.ACCESS, list.encode()));
            }
            return list.mode(mode);
        } catch (UnknownNameException e) {
            lose(e.getMessage() + " has no number");
            return e.known().modeWithout(mode);
        } catch (IllegalArgumentException e) {
            lose(String.valueOf(e.getMessage()));
            return mode & ~UNKNOWN_MASK;
        }
    }

    private void inherited(String text, byte @Nullable [] value, List<ExtendedAttribute> kept) {
        try {
            AccessList list = list(text, value);
            if (list != null) {
                kept.add(ExtendedAttribute.of(AccessList.DEFAULT, list.encode()));
            }
        } catch (UnknownNameException e) {
            lose(e.getMessage() + " has no number");
        } catch (IllegalArgumentException e) {
            lose(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable AccessList list(String text, byte @Nullable [] value) throws UnknownNameException {
        if (!text.isBlank()) {
            return AccessList.parse(text, names);
        }
        return value == null ? null : AccessList.decode(value);
    }

    private void lose(String reason) {
        refuse("its access control list cannot be kept: " + printable(reason));
        lists++;
        if (reasons.size() < SHOWN) {
            reasons.add(printable(reason));
        }
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** Notes attributes of an entry that were not even read, as no disk can keep them, and a list of another kind. */
    void leave(LeftOut names, boolean foreignList) {
        if (names.count() > 0) {
            refuse("it has extended attributes that no Linux file can have: " + names.describe());
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
                    .accept(counted(leftOut.count(), "extended attribute") + " left out, as no Linux file can have "
                            + (leftOut.count() == 1 ? "it: " : "them: ") + leftOut.describe());
        }
        if (lists > 0) {
            options.warnings()
                    .accept(counted(lists, "access control list") + " left out (" + String.join(", ", reasons)
                            + "); nobody gains rights by that: the group has what the list gave it");
        }
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
