package dev.construir.queue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A source of jobs that also takes their results. Any number of processes may serve one queue; one process at a time
 * claims a job. Safe for use by many threads.
 *
 * @since 0.1
 */
public interface JobQueue extends AutoCloseable {
    /**
     * Claims the next job.
     *
     * @param wait for how long to wait for one if there is none; zero or less does not wait
     * @return the job, to be closed by the caller; empty if there was none in time, or the queue is closed
     * @throws IOException if the queue cannot be used; it may be again later
     * @throws InterruptedException if the thread was interrupted; nothing is claimed then
     */
    Optional<Claim> claim(Duration wait) throws IOException, InterruptedException;

    /**
     * Stops claiming. Claimed jobs stay claimed until their claims are closed. Idempotent.
     *
     * @throws IOException if something cannot be released
     */
    @Override
    void close() throws IOException;
}
