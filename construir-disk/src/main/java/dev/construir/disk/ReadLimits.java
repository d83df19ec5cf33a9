package dev.construir.disk;

import dev.construir.DataSize;
import java.util.Objects;

/**
 * How much of a disk is read at most. A limit that is met ends the reading with a
 * {@link dev.construir.DiskFormatException}.
 *
 * @param bytes content extracted by one extraction in all, that of files that turn out damaged on the way included, and
 *     of one file that is opened
 * @param entries entries listed in one directory, and looked at in all to extract them; with it goes how many blocks of
 *     directories are read, enough for so many entries of the longest names
 * @param depth directories inside each other, at most 2,048: a path of 4,096 bytes has no more names
 * @param pathLength the length of a path from the root of the disk, in bytes of UTF-8, without the slash that it begins
 *     with
 * @since 0.1
 */
public record ReadLimits(DataSize bytes, int entries, int depth, int pathLength) {
    /**
     * 64 GiB, a million entries, 2,048 directories deep, paths of 4,096 bytes: whatever is written to a disk is read
     * back.
     */
    public static final ReadLimits DEFAULT = new ReadLimits(DataSize.ofGibibytes(64), 1_000_000, 2048, 4096);

    private static final int MAX_DEPTH = 2048;

    /**
     * Creates limits.
     *
     * @param bytes see {@link #bytes()}
     * @param entries see {@link #entries()}
     * @param depth see {@link #depth()}
     * @param pathLength see {@link #pathLength()}
     * @throws IllegalArgumentException if a number is not positive, or the depth is more than 2,048
     */
    public ReadLimits {
        Objects.requireNonNull(bytes, "bytes");
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("a depth is 1 to " + MAX_DEPTH + ", not " + depth);
        }
        if (entries < 1 || depth < 1 || pathLength < 1) {
            throw new IllegalArgumentException("limits are positive, not " + entries + " entries, depth " + depth
                    + ", paths of " + pathLength + " bytes");
        }
    }

    /**
     * Returns these limits with another one of content.
     *
     * @param limit see {@link #bytes()}
     * @return the limits
     */
    public ReadLimits withBytes(DataSize limit) {
        return new ReadLimits(limit, entries, depth, pathLength);
    }

    /**
     * Returns these limits with another one of entries.
     *
     * @param limit see {@link #entries()}
     * @return the limits
     * @throws IllegalArgumentException if it is not positive
     */
    public ReadLimits withEntries(int limit) {
        return new ReadLimits(bytes, limit, depth, pathLength);
    }

    /**
     * Returns these limits with another one of depth.
     *
     * @param limit see {@link #depth()}
     * @return the limits
     * @throws IllegalArgumentException if it is not 1 to 2,048
     */
    public ReadLimits withDepth(int limit) {
        return new ReadLimits(bytes, entries, limit, pathLength);
    }

    /**
     * Returns these limits with another one of the length of paths.
     *
     * @param limit see {@link #pathLength()}
     * @return the limits
     * @throws IllegalArgumentException if it is not positive
     */
    public ReadLimits withPathLength(int limit) {
        return new ReadLimits(bytes, entries, depth, limit);
    }
}
