package dev.construir.run;

import dev.construir.ConstruirException;
import java.util.concurrent.CompletableFuture;

/**
 * A run under way. Safe for use by many threads.
 *
 * <pre>{@code
 * try (Run run = runner.start(job)) {
 *     JobResult result = run.await();
 *     System.out.println(result.outcome().describe());
 * }
 * }</pre>
 *
 * @since 0.1
 */
public interface Run extends AutoCloseable {
    /**
     * Returns the result once there is one. The future completes exceptionally with what {@link Runner#run} threw.
     * Completing or cancelling it has no effect on the run. Dependent actions run on the run's own thread unless they
     * are asynchronous.
     *
     * @return a new future at every call
     */
    CompletableFuture<JobResult> result();

    /**
     * Waits for the result. An interrupt ends the wait, not the run.
     *
     * @return the result
     * @throws ConstruirException if the run could not be carried out
     * @throws InterruptedException if this thread was interrupted while it waited
     */
    JobResult await() throws ConstruirException, InterruptedException;

    /**
     * Cancels the run, and returns at once. A cancelled run has the outcome {@link Outcome.Cancelled}.
     *
     * @return whether the run was still under way
     */
    boolean cancel();

    /**
     * Cancels the run if it is still under way, waits for its end and closes its result. An interrupt does not cut the
     * wait short.
     */
    @Override
    void close();
}
