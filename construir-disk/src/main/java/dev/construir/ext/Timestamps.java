package dev.construir.ext;

import java.time.Instant;

/**
 * Times as inodes keep them: 32 bits of signed seconds, and in bigger inodes 30 bits of nanoseconds and 2 more for the
 * seconds.
 */
final class Timestamps {
    private static final long MIN = Integer.MIN_VALUE;
    private static final long MAX = Integer.MIN_VALUE + (4L << 32) - 1;

    private Timestamps() {}

    /** Returns the low 32 bits of the seconds; what is out of range becomes the nearest time that is not. */
    static int seconds(Instant time) {
        return (int) clamped(time);
    }

    /** Returns the other field: nanoseconds, and which span of 2^32 seconds it is. */
    static int extra(Instant time) {
        long seconds = clamped(time);
        int nanoseconds = time.getEpochSecond() == seconds ? time.getNano() : 0;
        return (nanoseconds << 2) | (int) ((seconds - MIN) >>> 32);
    }

    static Instant decode(int seconds, int extra) {
        long whole = seconds + ((extra & 3L) << 32);
        return Instant.ofEpochSecond(whole, Math.min(extra >>> 2, 999_999_999));
    }

    private static long clamped(Instant time) {
        return Math.max(MIN, Math.min(MAX, time.getEpochSecond()));
    }
}
