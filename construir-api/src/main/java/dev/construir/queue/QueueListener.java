package dev.construir.queue;

import dev.construir.run.Outcome;
import dev.construir.run.RunEvent;
import java.time.Duration;
import java.util.List;

/**
 * Receives what workers do with the jobs of a queue. Called on their threads, by several at once, but for {@link #ran};
 * what it throws is logged. If two jobs of one name run at a time, only the thread distinguishes them.
 *
 * @since 0.1
 */
public interface QueueListener {
    /** Ignores everything. */
    QueueListener NONE = new QueueListener() {};

    /**
     * A job was claimed.
     *
     * @param job the job's name
     * @param attempt which attempt this is, from 1
     */
    default void claimed(String job, int attempt) {}

    /**
     * Something happened to a run, its output among it.
     *
     * @param job the job's name
     * @param event what happened
     */
    default void ran(String job, RunEvent event) {}

    /**
     * A job has a result, which is stored.
     *
     * @param job the job's name
     * @param outcome how it ended
     * @param hints what the job may have lacked, as in {@link dev.construir.run.JobResult#hints}
     * @param took how long that took since it was claimed
     */
    default void completed(String job, Outcome outcome, List<String> hints, Duration took) {}

    /**
     * A job can never be run, and was put aside.
     *
     * @param job the job's name
     * @param why the reason
     */
    default void rejected(String job, String why) {}

    /**
     * A job is queued again, or put aside if this was its last attempt.
     *
     * @param job the job's name
     * @param why the reason
     */
    default void failed(String job, String why) {}

    /**
     * A job is queued again, as if it had not been claimed.
     *
     * @param job the job's name
     * @param why the reason
     */
    default void givenBack(String job, String why) {}

    /**
     * Another worker has the job: it took the job over while this process was stopped or hung; or a user removed it.
     * The result of this attempt is dropped.
     *
     * @param job the job's name
     * @param why the reason
     */
    default void lost(String job, String why) {}

    /**
     * A job that was claimed is this worker's no more. Comes after all other calls for it, on the thread that claimed
     * it; without anything else if the run was cut short, or its end could not be written down: it is queued again
     * then, or will be.
     *
     * @param job the job's name
     */
    default void released(String job) {}

    /**
     * Something is in the way that is no job's fault; it is tried again.
     *
     * @param why the reason
     * @param pause for how long the worker waits before
     */
    default void waiting(String why, Duration pause) {}
}
