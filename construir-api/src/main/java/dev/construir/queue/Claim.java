package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.run.JobResult;
import java.io.IOException;
import java.util.Optional;

/**
 * A claimed job: no other process runs it. Ends with one verdict, {@link #complete}, {@link #fail}, {@link #reject} or
 * {@link #giveBack}, which is final once the call has returned, even if this process dies. A verdict that threw may be
 * tried again, but not after a {@link ClaimLostException}: another worker owns the job then. Used by one thread at a
 * time.
 *
 * @since 0.1
 */
public interface Claim extends AutoCloseable {
    /** What the holder of a claim must do. */
    enum Directive {
        /** Go on. */
        CONTINUE,
        /** End the run: the claim is lost, or its job is not wanted any more. */
        CANCEL
    }

    /**
     * Returns the job's name, as it was queued.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the number of this attempt. An attempt that ended in no verdict, or in {@link #fail}, counts; one that
     * was given back does not.
     *
     * @return the number, from 1
     */
    int attempt();

    /**
     * Returns the job.
     *
     * @return the job
     * @throws ConstruirException if what was queued cannot be a job, and no later attempt will find that it can: {@link
     *     #reject} it
     */
    Job job() throws ConstruirException;

    /**
     * Returns the settings that the job brings. {@link QueueWorkers} call this only with {@link JobBounds}.
     *
     * @return its settings; by default none
     * @throws ConstruirException if what it asks for cannot be understood: {@link #reject} it
     */
    default Optional<JobSettings> settings() throws ConstruirException {
        return Optional.empty();
    }

    /**
     * Reports to the queue that the job still runs. {@link QueueWorkers} call this at an interval during a run, on
     * another thread, but never during another call, and not while a result is handed in.
     *
     * @return what the caller must do; a cancelled run is given back
     * @throws IOException if the queue cannot be reached; the caller may go on
     */
    Directive renew() throws IOException;

    /**
     * Hands in the result of a run, also of one that failed, was killed or crashed.
     *
     * @param result the result, which stays open
     * @throws IOException if it cannot be stored; nothing is lost then, and it may be tried again
     * @throws InterruptedException if the thread was interrupted; nothing was handed in
     */
    void complete(JobResult result) throws IOException, InterruptedException;

    /**
     * Reports that this attempt failed through no fault of the job. The job is queued again unless it was the last
     * attempt.
     *
     * @param why the reason, for messages
     * @throws IOException if that cannot be written down
     */
    void fail(String why) throws IOException;

    /**
     * Returns a reason without the directories of this claim, which are gone when it ends: the job, and files beside
     * it, are named as in the queue.
     *
     * @param why a reason for {@link #fail} or {@link #reject}
     * @return the reason as users read it; by default the same
     */
    default String explain(String why) {
        return why;
    }

    /**
     * Reports that this job can never be run.
     *
     * @param why the reason, for messages
     * @throws IOException if that cannot be written down
     */
    void reject(String why) throws IOException;

    /**
     * Queues the job again, as if it had not been claimed.
     *
     * @throws IOException if that is not possible
     */
    void giveBack() throws IOException;

    /**
     * Gives the job back unless there was a verdict. Idempotent.
     *
     * @throws IOException if that is not possible; the job is queued again when this process has ended
     */
    @Override
    void close() throws IOException;
}
