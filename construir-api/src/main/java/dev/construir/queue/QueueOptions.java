package dev.construir.queue;

import dev.construir.disk.CompressOptions;
import java.time.Duration;
import java.util.Objects;

/**
 * How a directory is served as a queue. Immutable.
 *
 * @param attempts how often a job is tried whose attempts end in no result, before it is put aside as failed
 * @param settle for how long a file or directory that did not appear by a rename must not have changed before it is taken
 * @param rescan how often the directories are looked through, behind the file system's notifications
 * @param compression how the images of results are compressed
 */
public record QueueOptions(int attempts, Duration settle, Duration rescan, CompressOptions compression) {
    private static final int MOST_ATTEMPTS = 1000;
    private static final Duration SHORTEST_RESCAN = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Three attempts, two seconds to settle, a look every ten seconds, and {@link CompressOptions#DEFAULT}. */
    public static final QueueOptions DEFAULT =
            new QueueOptions(3, Duration.ofSeconds(2), Duration.ofSeconds(10), CompressOptions.DEFAULT);

    /**
     * Checks the ranges.
     *
     * @param attempts 1 to 1,000
     * @param settle zero to a day
     * @param rescan 10 ms to a day
     * @param compression see {@link #compression()}
     * @throws IllegalArgumentException if one is out of its range
     */
    public QueueOptions {
        Objects.requireNonNull(settle, "settle");
        Objects.requireNonNull(rescan, "rescan");
        Objects.requireNonNull(compression, "compression");
        if (attempts < 1 || attempts > MOST_ATTEMPTS) {
            throw new IllegalArgumentException("a job is tried 1 to " + MOST_ATTEMPTS + " times, not " + attempts);
        }
        if (settle.isNegative() || settle.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a file settles for zero to " + LONGEST + ", not " + settle);
        }
        if (rescan.compareTo(SHORTEST_RESCAN) < 0 || rescan.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "directories are looked through every " + SHORTEST_RESCAN + " to " + LONGEST + ", not " + rescan);
        }
    }

    /**
     * Returns these options with another number of attempts.
     *
     * @param number see {@link #attempts()}
     * @return the options
     */
    public QueueOptions withAttempts(int number) {
        return new QueueOptions(number, settle, rescan, compression);
    }

    /**
     * Returns these options with another time to settle.
     *
     * @param time see {@link #settle()}
     * @return the options
     */
    public QueueOptions withSettle(Duration time) {
        return new QueueOptions(attempts, time, rescan, compression);
    }

    /**
     * Returns these options with another time between looks.
     *
     * @param time see {@link #rescan()}
     * @return the options
     */
    public QueueOptions withRescan(Duration time) {
        return new QueueOptions(attempts, settle, time, compression);
    }

    /**
     * Returns these options with another compression.
     *
     * @param how see {@link #compression()}
     * @return the options
     */
    public QueueOptions withCompression(CompressOptions how) {
        return new QueueOptions(attempts, settle, rescan, how);
    }
}
