package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Hypervisor;
import java.util.List;
import java.util.Optional;

/**
 * Runs jobs. One abstract method, so that a decorating runner is a lambda. Ready-made runners are safe for use by many threads.
 */
@FunctionalInterface
public interface Runner extends AutoCloseable {
    /**
     * Runs a job to its end. An interrupt cancels it: while there is something to cancel the answer is a result with
     * {@link Outcome.Cancelled}, and the thread's interrupt status stays set.
     *
     * @param job the job
     * @param listener hears what happens
     * @return what came of it; to be closed by the caller
     * @throws BadJobException if a ready-made runner finds that the job has nothing to begin with; no machine was started
     * @throws ConstruirException if the run could not be carried out; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted before the run began
     * @throws IllegalStateException if a ready-made runner is closed
     */
    JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException;

    /**
     * Runs a job to its end without a listener.
     *
     * @param job the job
     * @return what came of it; to be closed by the caller
     * @throws BadJobException if a ready-made runner finds that the job has nothing to begin with; no machine was started
     * @throws ConstruirException if the run could not be carried out; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted before the run began
     * @throws IllegalStateException if a ready-made runner is closed
     */
    default JobResult run(Job job) throws ConstruirException, InterruptedException {
        return run(job, RunListener.NONE);
    }

    /**
     * Starts a job on a thread of its own. Whatever {@link #run(Job, RunListener)} throws there is thrown by {@link Run#await}.
     *
     * @param job the job
     * @return the run
     */
    default Run start(Job job) {
        return start(job, RunListener.NONE);
    }

    /**
     * Starts a job on a thread of its own. Whatever {@link #run(Job, RunListener)} throws there is thrown by {@link Run#await}.
     *
     * <p>Ready-made runners serve jobs in the order of the calls: a job that has to wait gets its turn, and its machine, before those that were
     * started after it. One that decorates another runner has its jobs called by threads that are started in that order, and that is all.
     *
     * @param job the job
     * @param listener hears what happens
     * @return the run
     */
    default Run start(Job job, RunListener listener) {
        return ThreadRun.start(this, job, listener);
    }

    /**
     * Runs several jobs at once, as many as the runner runs at once, and waits for all of them.
     *
     * @param jobs the jobs
     * @return what came of each; to be closed by the caller
     * @throws InterruptedException if the thread was interrupted; the runs are cancelled and their results closed then
     * @throws IllegalStateException if a ready-made runner is closed
     * @since 0.1
     */
    default RunSummary runAll(List<? extends Job> jobs) throws InterruptedException {
        return runAll(jobs, RunListener.NONE);
    }

    /**
     * Runs several jobs at once, as many as the runner runs at once, and waits for all of them. Each is started in its
     * turn, on a thread of its own, as by {@link #start(Job, RunListener)}, and its result keeps its disk until the
     * summary is closed.
     *
     * <p>A job that fails, or cannot be run, does not keep others from being run. If the runner throws something else
     * than a {@link ConstruirException}, the runs are cancelled and their results closed.
     *
     * @param jobs the jobs
     * @param listener receives the events of all runs, of several at once
     * @return what came of each; to be closed by the caller
     * @throws InterruptedException if the thread was interrupted; the runs are cancelled and their results closed then
     * @throws IllegalStateException if a ready-made runner is closed
     * @since 0.1
     */
    default RunSummary runAll(List<? extends Job> jobs, RunListener listener) throws InterruptedException {
        return RunAll.run(this, jobs, listener);
    }

    /**
     * Returns the root image that jobs run on.
     *
     * @return the image of a ready-made runner; of a pool, if all its runners have the same. Empty unless it is
     *     overridden: a runner that decorates another one overrides it
     * @since 0.1
     */
    default Optional<RootImage> root() {
        return Optional.empty();
    }

    /**
     * Returns a runner that passes all calls on to this one, and that is also closed when the JVM shuts down: by the
     * end of the program, Ctrl-C or SIGTERM. Machines end then, and nothing stays in the scratch directory. The
     * shutdown waits 30 seconds for that at most. A JVM that is killed closes nothing; the next process removes what it
     * leaves.
     *
     * <pre>{@code
     * try (Runner runner = Runner.on(hypervisor, root).closeOnShutdown();
     *         JobResult result = runner.run(job)) {
     *     System.out.println(result.outcome().describe());
     * }
     * }</pre>
     *
     * @return the runner; closing it closes this one, and ends what this method began
     * @throws IllegalStateException if the JVM is shutting down
     * @since 0.1
     */
    default Runner closeOnShutdown() {
        return ClosedOnShutdown.of(this);
    }

    /**
     * Cancels the runs under way, closes their results and releases what the runner holds. Idempotent. Unless it is overridden it does
     * nothing: a runner that decorates another one leaves closing that to whoever made it.
     */
    @Override
    default void close() {}

    /**
     * Returns a runner that gives every job a machine of its own.
     *
     * @param hypervisor starts the machines, of any number of runners. The runner {@linkplain Hypervisor#use uses} it while it is open, and does not
     *     close it. {@code QemuHypervisor} and {@code LibvirtHypervisor} hold nothing while no runner is open: with them it may be left at that; of
     *     others, whoever created it closes it
     * @param root what they boot
     * @return the runner
     * @throws ConstruirException if the scratch directory cannot be used
     */
    static Runner on(Hypervisor hypervisor, RootImage root) throws ConstruirException {
        return builder(hypervisor, root).build();
    }

    /**
     * Returns a builder of runners that give every job a machine of its own.
     *
     * @param hypervisor starts the machines, see {@link #on}
     * @param root what they boot
     * @return the builder
     */
    static RunnerBuilder builder(Hypervisor hypervisor, RootImage root) {
        return new RunnerBuilder(hypervisor, root);
    }
}
