package dev.construir.disk;

import java.time.Instant;
import java.util.Objects;

/**
 * What a file system keeps about an entry in addition to its content.
 *
 * @param mode the permission bits including set-id and sticky, 0 to 07777
 * @param uid the owner's number, 0 to 2<sup>32</sup>-1
 * @param gid the group's number, 0 to 2<sup>32</sup>-1
 * @param modified the time of the last change of the content; the disk keeps nanoseconds, from December 1901 to May
 *     2446, and the nearest time of what is beyond
 * @since 0.1
 */
public record Attributes(int mode, long uid, long gid, Instant modified) {
    private static final long MAX_ID = 0xffff_ffffL;

    /**
     * Creates attributes.
     *
     * @param mode see {@link #mode()}
     * @param uid see {@link #uid()}
     * @param gid see {@link #gid()}
     * @param modified see {@link #modified()}
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Attributes {
        Objects.requireNonNull(modified, "modified");
        if (mode < 0 || mode > 07777) {
            throw new IllegalArgumentException("a mode is 0 to 07777, not " + Integer.toOctalString(mode));
        }
        if (uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID) {
            throw new IllegalArgumentException("an owner is 0 to " + MAX_ID + ", not " + uid + ":" + gid);
        }
    }

    /**
     * Returns attributes of something that belongs to root.
     *
     * @param mode the permission bits
     * @param modified the time of the last change
     * @return the attributes
     */
    public static Attributes ofRoot(int mode, Instant modified) {
        return new Attributes(mode, 0, 0, modified);
    }
}
