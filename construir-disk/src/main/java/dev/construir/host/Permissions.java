package dev.construir.host;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Converts the permission bits of a mode to Java's type. */
public final class Permissions {
    private static final int ALL = 0777;
    /** By mode: there is one for each file that is made. */
    private static final @Nullable FileAttribute<?>[] ATTRIBUTES = new FileAttribute<?>[ALL + 1];

    private Permissions() {}

    public static FileAttribute<?> attribute(int mode) {
        FileAttribute<?> known = ATTRIBUTES[mode & ALL];
        if (known == null) { // a race only makes it twice
            known = PosixFilePermissions.asFileAttribute(of(mode));
            ATTRIBUTES[mode & ALL] = known;
        }
        return known;
    }

    public static Set<PosixFilePermission> of(int mode) {
        PosixFilePermission[] all = PosixFilePermission.values();
        EnumSet<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        // The constants are declared from the owner's read bit down, as in the mode.
        for (int i = 0; i < all.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                set.add(all[i]);
            }
        }
        return set;
    }
}
