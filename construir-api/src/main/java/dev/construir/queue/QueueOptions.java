package dev.construir.queue;

import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.write.PackOptions;
import java.time.Duration;
import java.util.Objects;

/**
 * The options of a directory that is served as a queue. Immutable.
 *
 * @param attempts how often a job is tried whose attempts end in no result, before it is put aside as failed
 * @param settle for how long a file or directory that did not appear by a rename must not have changed before it is
 *     taken
 * @param rescan how often the directories are looked through, behind the file system's notifications
 * @param compression how the images of results are compressed
 * @param heartbeat how often a process that serves the directory writes a sign of life
 * @param takeOverAfter for how long a process must have shown no sign of life before its jobs are taken from it; {@link
 *     #NEVER} leaves them to it
 * @param packing how jobs that are directories are made disks
 * @since 0.1
 */
public record QueueOptions(
        int attempts,
        Duration settle,
        Duration rescan,
        CompressOptions compression,
        Duration heartbeat,
        Duration takeOverAfter,
        PackOptions packing) {
    /** Leaves jobs to a process that is stopped, however long. */
    public static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

    /** So many signs of life in a row must be missing before a process counts as stopped. */
    static final int MISSED_BEATS = 5;

    private static final int MOST_ATTEMPTS = 1000;
    private static final Duration SHORTEST_RESCAN = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofDays(1);

    static final Duration LONGEST_HEARTBEAT = Duration.ofHours(1);

    /**
     * Three attempts, two seconds to settle, a look every ten seconds, {@link CompressOptions#DEFAULT}, a sign of life
     * every two seconds, no job is taken from a process that is stopped, and {@link PackOptions#DEFAULT}.
     */
    public static final QueueOptions DEFAULT = new QueueOptions(
            3,
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            CompressOptions.DEFAULT,
            Duration.ofSeconds(2),
            NEVER,
            PackOptions.DEFAULT);

    /**
     * Checks the ranges.
     *
     * @param attempts 1 to 1,000
     * @param settle zero to a day
     * @param rescan 10 ms to a day
     * @param compression see {@link #compression()}
     * @param heartbeat 10 ms to an hour
     * @param takeOverAfter five times the heartbeat or more
     * @param packing see {@link #packing()}
     * @throws IllegalArgumentException if one is out of its range
     */
    public QueueOptions {
        Objects.requireNonNull(settle, "settle");
        Objects.requireNonNull(rescan, "rescan");
        Objects.requireNonNull(compression, "compression");
        Objects.requireNonNull(heartbeat, "heartbeat");
        Objects.requireNonNull(takeOverAfter, "takeOverAfter");
        Objects.requireNonNull(packing, "packing");
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
        if (heartbeat.compareTo(SHORTEST_RESCAN) < 0 || heartbeat.compareTo(LONGEST_HEARTBEAT) > 0) {
            throw new IllegalArgumentException("a sign of life is written every " + SHORTEST_RESCAN + " to "
                    + LONGEST_HEARTBEAT + ", not " + heartbeat);
        }
        if (takeOverAfter.compareTo(heartbeat.multipliedBy(MISSED_BEATS)) < 0) {
            throw new IllegalArgumentException("a job is taken over after "
                    + heartbeat.multipliedBy(MISSED_BEATS).toSeconds()
                    + " s at the earliest, as signs of life come every " + heartbeat.toMillis() + " ms and "
                    + MISSED_BEATS + " must be missing, not after " + takeOverAfter.toMillis() + " ms");
        }
    }

    /**
     * Returns these options with another number of attempts.
     *
     * @param number see {@link #attempts()}
     * @return the options
     */
    public QueueOptions withAttempts(int number) {
        return new QueueOptions(number, settle, rescan, compression, heartbeat, takeOverAfter, packing);
    }

    /**
     * Returns these options with another time to settle.
     *
     * @param time see {@link #settle()}
     * @return the options
     */
    public QueueOptions withSettle(Duration time) {
        return new QueueOptions(attempts, time, rescan, compression, heartbeat, takeOverAfter, packing);
    }

    /**
     * Returns these options with another time between looks.
     *
     * @param time see {@link #rescan()}
     * @return the options
     */
    public QueueOptions withRescan(Duration time) {
        return new QueueOptions(attempts, settle, time, compression, heartbeat, takeOverAfter, packing);
    }

    /**
     * Returns these options with another compression.
     *
     * @param how see {@link #compression()}
     * @return the options
     */
    public QueueOptions withCompression(CompressOptions how) {
        return new QueueOptions(attempts, settle, rescan, how, heartbeat, takeOverAfter, packing);
    }

    /**
     * Returns these options with another time between signs of life.
     *
     * @param time see {@link #heartbeat()}
     * @return the options
     */
    public QueueOptions withHeartbeat(Duration time) {
        return new QueueOptions(attempts, settle, rescan, compression, time, takeOverAfter, packing);
    }

    /**
     * Returns these options with another time after which jobs are taken from a process that is stopped.
     *
     * @param time see {@link #takeOverAfter()}
     * @return the options
     */
    public QueueOptions withTakeOverAfter(Duration time) {
        return new QueueOptions(attempts, settle, rescan, compression, heartbeat, time, packing);
    }

    /**
     * Returns these options with another way to make disks of directories.
     *
     * @param how see {@link #packing()}
     * @return the options
     */
    public QueueOptions withPacking(PackOptions how) {
        return new QueueOptions(attempts, settle, rescan, compression, heartbeat, takeOverAfter, how);
    }
}
