package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.HypervisorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs on several runners, each for example a host, up to its capacity. A job goes to the runner that has the most
 * room for its capacity; while there is none, jobs wait, and go in the order in which they came. Safe for use by many
 * threads.
 *
 * <pre>{@code
 * try (Runner pool = RunnerPool.builder().add("near", near, 4).add("far", far, 16).build();
 *         JobResult result = pool.run(job)) {
 *     System.out.println(result.outcome().describe());
 * }
 * }</pre>
 *
 * <p>A runner that fails is set aside for a while and its job is run elsewhere: one that throws {@link
 * HypervisorException} or {@link ScratchException}, and one whose machine was lost ({@link Outcome.MachineLost}) or had
 * no room ({@link Outcome.HostDiskFull}), so that a job must bear being run again. Every other outcome is returned: a
 * hypervisor that died may have died of the job. No runner is given the same job twice. A runner that is set aside is
 * used only for a job for which there is no other.
 *
 * <p>The listener of a job that is run again receives the events of each attempt, from {@link RunEvent.Queued} on.
 *
 * @since 0.1
 */
public final class RunnerPool implements Runner {
    private static final Logger LOG = LoggerFactory.getLogger(RunnerPool.class);

    private final PoolQueue queue;
    private final List<PoolMember> members;

    private RunnerPool(Builder builder) {
        members = List.copyOf(builder.members);
        queue = new PoolQueue(members, builder.clock, builder.setAside);
    }

    /**
     * Returns a builder of pools.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Runs a job on one of the runners.
     *
     * @throws HypervisorException if all of them have failed; the message says how each did
     * @throws InterruptedException if the thread was interrupted before the run began, or while it waited for its turn
     */
    @Override
    public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(listener, "listener");
        return run(job, listener, queue.enter(List.of()));
    }

    /** Starts a job on a new thread, after those that were started before. */
    @Override
    public Run start(Job job, RunListener listener) {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(listener, "listener");
        PoolQueue.Waiter place = queue.enter(List.of());
        return ThreadRun.start((j, l) -> run(j, l, place), job, listener, () -> queue.leave(place));
    }

    /** Returns the image that all its runners have; empty if they have different ones. */
    @Override
    public Optional<RootImage> root() {
        Optional<RootImage> first = members.get(0).runner().root();
        return members.stream().allMatch(member -> member.runner().root().equals(first)) ? first : Optional.empty();
    }

    private JobResult run(Job job, RunListener listener, PoolQueue.Waiter place)
            throws ConstruirException, InterruptedException {
        List<PoolMember> tried = new ArrayList<>();
        List<ConstruirException> failures = new ArrayList<>();
        while (true) {
            PoolMember member = queue.await(tried.isEmpty() ? place : queue.enter(tried));
            tried.add(member);
            boolean failed = false;
            try {
                JobResult result = member.runner().run(job, listener);
                if (!isHosts(result.outcome()) || Thread.currentThread().isInterrupted()) {
                    return result;
                }
                failed = true;
                if (tried.size() == members.size()) {
                    return result; // no other runner is left, and a result says more than an exception
                }
                result.close();
                failures.add(new HypervisorException(result.outcome().describe()));
            } catch (HypervisorException | ScratchException e) {
                failed = true;
                failures.add(e);
            } finally {
                queue.giveBack(member, failed);
            }
            String why = failures.get(failures.size() - 1).getMessage();
            LOG.warn("the runner {} failed the job {} and is set aside: {}", member.name(), job.name(), why);
            if (tried.size() == members.size()) {
                throw allFailed(job, tried, failures);
            }
        }
    }

    private static boolean isHosts(Outcome outcome) {
        return outcome instanceof Outcome.MachineLost || outcome instanceof Outcome.HostDiskFull;
    }

    /** Closes all runners, also where one of them fails to. Idempotent. */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (PoolMember member : members) {
            try {
                member.runner().close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static HypervisorException allFailed(Job job, List<PoolMember> tried, List<ConstruirException> failures) {
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < tried.size(); i++) {
            reasons.add(tried.get(i).name() + ": " + failures.get(i).getMessage());
        }
        HypervisorException all = new HypervisorException("no runner could run the job " + job.name() + "; "
                + reasons.stream().collect(Collectors.joining("; ")));
        failures.forEach(all::addSuppressed);
        return all;
    }

    /** Returns the names of its runners. */
    @Override
    public String toString() {
        return "pool of " + members.stream().map(PoolMember::name).collect(Collectors.joining(", "));
    }

    /** Builds pools. Not safe for use by many threads. */
    public static final class Builder {
        private final List<PoolMember> members = new ArrayList<>();
        private Duration setAside = Duration.ofMinutes(1);
        private RunClock clock = RunClock.SYSTEM;

        private Builder() {}

        /**
         * Adds a runner, which is closed with the pool.
         *
         * @param name what messages call it, for example the host's name
         * @param runner the runner
         * @param capacity how many jobs it runs at once, at least 1
         * @return this builder
         * @throws IllegalArgumentException if the capacity is less than 1, or the name is taken
         */
        public Builder add(String name, Runner runner, int capacity) {
            Objects.requireNonNull(runner, "runner");
            if (capacity < 1) {
                throw new IllegalArgumentException("a runner runs at least one job at once, not " + capacity);
            }
            if (members.stream().anyMatch(member -> member.name().equals(name))) {
                throw new IllegalArgumentException("there is a runner \"" + name + "\" in the pool already");
            }
            members.add(new PoolMember(name, runner, capacity));
            return this;
        }

        /** Returns which runners are in it. */
        @Override
        public String toString() {
            return "builder of a pool of "
                    + members.stream().map(PoolMember::name).toList();
        }

        /**
         * Sets for how long a runner that failed is left alone.
         *
         * @param time zero or more; unless set, one minute
         * @return this builder
         * @throws IllegalArgumentException if the time is negative
         */
        public Builder setAside(Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException(
                        "a runner is set aside for zero or more, not " + Durations.format(time));
            }
            this.setAside = time;
            return this;
        }

        /** Sets the clock that the time of runners that are set aside goes by, for tests. */
        Builder clock(RunClock source) {
            this.clock = source;
            return this;
        }

        /**
         * Builds the pool.
         *
         * @return the pool, to be closed by the caller
         * @throws IllegalStateException if no runner was added
         */
        public RunnerPool build() {
            if (members.isEmpty()) {
                throw new IllegalStateException("a pool needs a runner; add one");
            }
            return new RunnerPool(this);
        }
    }
}
