package dev.construir.ext;

import org.jspecify.annotations.Nullable;

/** What names of extended attributes begin with, which a disk keeps as a number. */
enum AttributePrefix {
    NONE(0, "", Use.READ),
    USER(1, "user.", Use.BEGINNING),
    ACCESS_LIST(2, AccessControlList.ACCESS, Use.WHOLE),
    DEFAULT_LIST(3, AccessControlList.DEFAULT, Use.WHOLE),
    TRUSTED(4, "trusted.", Use.BEGINNING),
    LUSTRE(5, "lustre.", Use.READ),
    SECURITY(6, "security.", Use.BEGINNING),
    SYSTEM(7, "system.", Use.READ),
    RICH_LIST(8, "system.richacl", Use.READ);

    /** Which names are written: those that continue the prefix, the prefix itself, or none. */
    private enum Use {
        BEGINNING,
        WHOLE,
        READ
    }

    private static final AttributePrefix[] ALL = values();

    private final int number;
    private final String text;
    private final Use use;

    AttributePrefix(int number, String text, Use use) {
        this.number = number;
        this.text = text;
        this.use = use;
    }

    /** Returns the one of a number, or null if there is none. */
    static @Nullable AttributePrefix of(int number) {
        for (AttributePrefix each : ALL) {
            if (each.number == number) {
                return each;
            }
        }
        return null;
    }

    /** Returns the one a name is written with, or null if no file can have an attribute of that name. */
    static @Nullable AttributePrefix of(String name) {
        for (AttributePrefix each : ALL) {
            boolean fits = switch (each.use) {
                case BEGINNING -> name.startsWith(each.text) && name.length() > each.text.length();
                case WHOLE -> name.equals(each.text);
                case READ -> false;
            };
            if (fits) {
                return each;
            }
        }
        return null;
    }

    String text() {
        return text;
    }

    int number() {
        return number;
    }

    /**
     * Returns whether the attribute is a list of access rights, which the disk keeps in its own form: see {@link
     * AccessControlList}.
     */
    boolean isAccessControlList() {
        return this == ACCESS_LIST || this == DEFAULT_LIST;
    }
}
