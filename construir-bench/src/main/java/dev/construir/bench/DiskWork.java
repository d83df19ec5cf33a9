package dev.construir.bench;

import java.util.Locale;

/** What is measured of disks. */
enum DiskWork {
    PACK_SMALL,
    PACK_BIG,
    EXTRACT_SMALL,
    EXTRACT_BIG,
    LIST,
    CAT_XZ;

    /** Returns its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
