package dev.construir.disk;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Turns the permission bits of a mode into what Java has for them. */
final class Permissions {
    private Permissions() {}

    static FileAttribute<?> attribute(int mode) {
        return PosixFilePermissions.asFileAttribute(of(mode));
    }

    static Set<PosixFilePermission> of(int mode) {
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
