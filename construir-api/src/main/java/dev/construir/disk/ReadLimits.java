package dev.construir.disk;

import dev.construir.DataSize;

/**
 * How much of a disk is read at most. A limit that is met ends the reading with a {@link dev.construir.DiskFormatException}.
 *
 * @param bytes content extracted from one disk in all
 * @param entries entries listed in one directory, and looked at in all to extract them; with it goes how many blocks of directories are read, enough for so
 *     many entries of the longest names
 * @param depth directories inside each other
 */
public record ReadLimits(DataSize bytes, int entries, int depth) {
    /** 64 GiB, a million entries, 256 directories deep. */
    public static final ReadLimits DEFAULT = new ReadLimits(DataSize.ofGibibytes(64), 1_000_000, 256);

    /**
     * Creates limits.
     *
     * @param bytes see {@link #bytes()}
     * @param entries see {@link #entries()}
     * @param depth see {@link #depth()}
     * @throws IllegalArgumentException if a number is not positive
     */
    public ReadLimits {
        if (entries < 1 || depth < 1) {
            throw new IllegalArgumentException("limits are positive, not " + entries + " entries, depth " + depth);
        }
    }
}
