package dev.construir.bench;

import java.util.Locale;

/** What is measured of compressing disks. */
enum XzWork {
    /** A disk that is partly full of this host's files. */
    FILES,
    /** The same, after others were written and deleted. */
    BUILT,
    /** A large disk that is nearly empty. */
    SPARSE;

    /** Returns its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
