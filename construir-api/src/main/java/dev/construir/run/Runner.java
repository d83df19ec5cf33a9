package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Runs jobs. One abstract method, so that a decorating runner is a lambda. Ready-made runners are safe for use by many
 * threads.
 *
 * <pre>{@code
 * try (Runner runner = Runner.on(hypervisor, RootImage.in(Path.of("debian")));
 *         JobResult result = runner.run(Job.fromDirectory(Path.of("hello")))) {
 *     System.out.println(result.outcome().describe());
 * }
 * }</pre>
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Runner extends AutoCloseable {
    /**
     * Runs a job to its end. An interrupt cancels it: while there is something to cancel the answer is a result with
     * {@link Outcome.Cancelled}, and the thread's interrupt status stays set.
     *
     * @param job the job
     * @param listener receives the events
     * @return the result; to be closed by the caller
     * @throws BadJobException if a ready-made runner finds that the job has nothing to begin with; no machine was
     *     started
     * @throws ConstruirException if the run could not be carried out; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted before the run began
     * @throws IllegalStateException if a ready-made runner is closed
     */
    JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException;

    /**
     * Runs a job to its end without a listener.
     *
     * @param job the job
     * @return the result; to be closed by the caller
     * @throws BadJobException if a ready-made runner finds that the job has nothing to begin with; no machine was
     *     started
     * @throws ConstruirException if the run could not be carried out; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted before the run began
     * @throws IllegalStateException if a ready-made runner is closed
     */
    default JobResult run(Job job) throws ConstruirException, InterruptedException {
        return run(job, RunListener.NONE);
    }

    /**
     * Starts a job on a new thread. {@link Run#await} throws what {@link #run(Job, RunListener)} throws there.
     *
     * @param job the job
     * @return the run
     */
    default Run start(Job job) {
        return start(job, RunListener.NONE);
    }

    /**
     * Starts a job on a new thread. {@link Run#await} throws what {@link #run(Job, RunListener)} throws there.
     *
     * <p>Ready-made runners serve jobs in the order of the calls: a job that has to wait gets its turn, and its
     * machine, before those that were started after it. One that decorates another runner has its jobs called by
     * threads that are started in that order, and that is all.
     *
     * @param job the job
     * @param listener receives the events
     * @return the run
     */
    default Run start(Job job, RunListener listener) {
        return ThreadRun.start(this, job, listener);
    }

    /**
     * Runs several jobs at once, as many as the runner runs at once, and waits for all of them.
     *
     * @param jobs the jobs
     * @return the results; to be closed by the caller
     * @throws InterruptedException if the thread was interrupted; the runs are cancelled and their results closed then
     * @throws IllegalStateException if a ready-made runner is closed
     * @since 0.1
     */
    default RunSummary runAll(List<? extends Job> jobs) throws InterruptedException {
        return runAll(jobs, RunListener.NONE);
    }

    /**
     * Runs several jobs at once, as many as the runner runs at once, and waits for all of them. Each is started in its
     * turn, on a new thread, as by {@link #start(Job, RunListener)}, and its result keeps its disk until the
     * summary is closed.
     *
     * <p>A job that fails, or cannot be run, does not keep others from being run. If the runner throws something else
     * than a {@link ConstruirException}, the runs are cancelled and their results closed.
     *
     * @param jobs the jobs
     * @param listener receives the events of all runs, of several at once
     * @return the results; to be closed by the caller
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
     * Cancels the runs under way, closes their results and releases what the runner holds. Idempotent. By default it
     * does nothing: a runner that decorates another one leaves closing that to its creator.
     */
    @Override
    default void close() {}

    /**
     * Returns a runner that runs each job in its own machine.
     *
     * @param hypervisor starts the machines, of any number of runners. The runner {@linkplain Hypervisor#use uses} it
     *     while it is open, and does not close it. {@code QemuHypervisor} and {@code LibvirtHypervisor} hold nothing
     *     while no runner is open: with them it may be left at that; of others, their creator closes them
     * @param root what they boot
     * @return the runner
     * @throws ConstruirException if the scratch directory cannot be used
     */
    static Runner on(Hypervisor hypervisor, RootImage root) throws ConstruirException {
        return builder(hypervisor, root).build();
    }

    /**
     * Returns a builder of runners that run each job in its own machine.
     *
     * @param hypervisor starts the machines, see {@link #on}
     * @param root what they boot
     * @return the builder
     */
    static Builder builder(Hypervisor hypervisor, RootImage root) {
        return new Builder(hypervisor, root);
    }

    /**
     * Builds runners that run each job in its own machine. Not safe for use by many threads.
     *
     * <p>The heap that a run needs does not depend on what its job prints or leaves behind: at most {@link
     * #listenerBuffer}, if it has a listener that does not keep up, and 1 MiB for everything else, the ends of output
     * and console among it, of which the result keeps 256 KiB. With {@link dev.construir.job.Outputs#CHANGED} it also
     * takes 8 bytes for every entry that the disk begins with, kept by the result, and some times that while the disk
     * is read.
     */
    final class Builder {
        final Hypervisor hypervisor;
        final RootImage root;
        Path scratch = Scratch.defaultRoot().resolve("runs");
        RunClock clock = RunClock.SYSTEM;
        ThreadFactory threadFactory = MachineRunner::daemon;
        int maxConcurrent = Integer.MAX_VALUE;
        Preference hardwareAcceleration = Preference.PREFER;
        Preference warmStart = Preference.NEVER;
        int warmPool = 0;
        Resources readyResources = Resources.DEFAULT;
        private Optional<MachineBudget> budget = Optional.empty();
        DataSize listenerBuffer = DataSize.ofMebibytes(4);
        Duration listenerStall = Duration.ZERO;
        Duration listenerPatience = Duration.ofSeconds(10);

        private static final int MOST_READY = 1000;
        private static final DataSize SMALLEST_BUFFER = DataSize.ofKibibytes(64);
        private static final DataSize LARGEST_BUFFER = DataSize.ofGibibytes(1);
        private static final Duration LONGEST_STALL = Duration.ofSeconds(5); // backends wait longer for a listener

        Builder(Hypervisor hypervisor, RootImage root) {
            this.hypervisor = Objects.requireNonNull(hypervisor, "hypervisor");
            this.root = Objects.requireNonNull(root, "root");
        }

        /**
         * Sets the directory of the job disks in use. They may grow to the sizes of the jobs' disks.
         *
         * @param directory the directory, created if it is missing; unless set, {@code runs} in {@link
         *     Scratch#defaultRoot}
         * @return this builder
         */
        public Builder scratch(Path directory) {
            this.scratch = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /** Sets the clock that limits and events go by, for tests. */
        Builder clock(RunClock source) {
            this.clock = source;
            return this;
        }

        /**
         * Sets the factory of the threads that call listeners, one for each run with a listener.
         *
         * @param factory the factory; unless set, daemon threads
         * @return this builder
         */
        public Builder threadFactory(ThreadFactory factory) {
            this.threadFactory = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Sets how many machines of this runner run at once; further runs wait. First come, first served: in the order
         * in which {@link Runner#start} and {@link Runner#run} were called.
         *
         * @param max the number, at least 1; unless set, only the {@link #budget} is a bound
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 1
         */
        public Builder maxConcurrent(int max) {
            if (max < 1) {
                throw new IllegalArgumentException("a runner runs at least one machine at once, not " + max);
            }
            this.maxConcurrent = max;
            return this;
        }

        /**
         * Sets the budget that this runner shares with others: machines at once, memory and processors. First
         * come, first served.
         *
         * @param shared the budget; unless set, that of the hypervisor, which is {@link MachineBudget#ofHost} for
         *     machines of this host
         * @return this builder
         */
        public Builder budget(MachineBudget shared) {
            this.budget = Optional.of(shared);
            return this;
        }

        MachineBudget budget() {
            return budget.orElseGet(hypervisor::budget);
        }

        /**
         * Sets whether the host's hardware virtualisation is used.
         *
         * @param policy the policy; unless set, {@link Preference#PREFER}
         * @return this builder
         */
        public Builder hardwareAcceleration(Preference policy) {
            this.hardwareAcceleration = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets whether machines are resumed from a memory snapshot instead of booted.
         *
         * @param policy the policy; unless set, {@link Preference#NEVER}
         * @return this builder
         */
        public Builder warmStart(Preference policy) {
            this.warmStart = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Keeps a pool of machines ready: resumed from a memory image in advance, and paused, so that a run only has to
         * continue one. They serve jobs with the same processors and memory and without a network; other jobs get a new
         * machine. A machine that is taken is replaced in the background when its run has its turn. This needs {@link
         * #warmStart} and a hypervisor that supports it; otherwise a warning is logged and machines start as usual.
         *
         * <p>A machine that waits uses no processor. Its memory is shared with the others but for what it has written
         * to so far: with QEMU about 30 MiB each, most of it QEMU's own. They do not count for {@link #maxConcurrent},
         * and take a share of the {@link #budget} only while they are made.
         *
         * @param count how many machines wait, 0 to 1000; unless set, none
         * @param resources what they have; the size of the disk does not matter
         * @return this builder
         * @throws IllegalArgumentException if the number is out of its range
         */
        public Builder warmPool(int count, Resources resources) {
            if (count < 0 || count > MOST_READY) {
                throw new IllegalArgumentException("0 to " + MOST_READY + " machines are kept ready, not " + count);
            }
            this.warmPool = count;
            this.readyResources = Objects.requireNonNull(resources, "resources");
            return this;
        }

        /**
         * Sets how much of a job's output waits in memory for a slow listener. Further output is blocked for the time
         * of {@link #listenerStall}, then dropped and reported by {@link RunEvent.Output#droppedBefore} and {@link
         * JobResult#droppedOutput}.
         *
         * @param size the size for each run that has a listener, 64 KiB to 1 GiB, taken from the heap as it is needed;
         *     unless set, 4 MiB
         * @return this builder
         * @throws IllegalArgumentException if the size is out of its range
         */
        public Builder listenerBuffer(DataSize size) {
            if (size.compareTo(SMALLEST_BUFFER) < 0 || size.compareTo(LARGEST_BUFFER) > 0) {
                throw new IllegalArgumentException("the buffer of a listener is " + SMALLEST_BUFFER + " to "
                        + LARGEST_BUFFER + ", not " + size + "; without a listener there is none");
            }
            this.listenerBuffer = size;
            return this;
        }

        /**
         * Sets the maximum time a full listener buffer may block guest output, counted from the last return of the
         * listener. A slow listener then loses nothing, and the job is as slow as its listener. A stuck one delays the
         * job once by this time, and loses the output after that.
         *
         * @param time zero to five seconds; unless set, zero: a listener never stalls the guest
         * @return this builder
         * @throws IllegalArgumentException if the time is out of its range
         */
        public Builder listenerStall(Duration time) {
            if (time.isNegative() || time.compareTo(LONGEST_STALL) > 0) {
                throw new IllegalArgumentException("a listener may stall a guest for zero to "
                        + Durations.format(LONGEST_STALL) + ", not " + Durations.format(time));
            }
            this.listenerStall = time;
            return this;
        }

        /**
         * Sets how long a finished run waits for one call of its listener to return. A listener that takes longer is
         * interrupted and receives nothing more. One that goes on receives everything, however long that takes in all.
         *
         * @param time more than zero and at most {@link Limits#UNLIMITED}; unless set, ten seconds
         * @return this builder
         * @throws IllegalArgumentException if the time is out of its range
         */
        public Builder listenerPatience(Duration time) {
            if (time.isNegative() || time.isZero() || time.compareTo(Limits.UNLIMITED) > 0) {
                throw new IllegalArgumentException("the patience with a listener is more than zero and at most "
                        + Limits.UNLIMITED.toDays() + " days, not " + time.toSeconds() + " s");
            }
            this.listenerPatience = time;
            return this;
        }

        /**
         * Builds the runner.
         *
         * @return the runner
         * @throws ConstruirException if the scratch directory cannot be used
         */
        public Runner build() throws ConstruirException {
            return MachineRunner.open(this);
        }

        /** Returns the image and the hypervisor of its runners. */
        @Override
        public String toString() {
            return "builder of runners with the image " + root.name() + " on " + hypervisor.name();
        }
    }
}
