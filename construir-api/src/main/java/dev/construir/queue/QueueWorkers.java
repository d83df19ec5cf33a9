package dev.construir.queue;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.run.Runner;
import dev.construir.thread.Uninterrupted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Runs the jobs of a queue, several at once. A worker claims a job, runs it and hands in its result. If something
 * prevents a job from running, the worker reports it and the queue has the job tried again. Safe for use by many
 * threads.
 *
 * <pre>{@code
 * try (DirectoryQueue queue = DirectoryQueue.open(Path.of("/srv/jobs"), QueueOptions.DEFAULT);
 *         QueueWorkers workers = QueueWorkers.on(queue, runner).jobs(4).start()) {
 *     Thread.sleep(Duration.ofHours(8).toMillis());
 *     workers.drain();
 * }
 * }</pre>
 *
 * <p>When the host is at fault (the queue cannot be reached, a disk has too little room, several starts of machines
 * fail in a row), no job loses an attempt: jobs wait or go back, and the worker pauses, for half a second at first and
 * for a minute at most.
 *
 * @since 0.1
 */
public final class QueueWorkers implements AutoCloseable {
    /** One runs a job while the other stores the result of the job before. */
    private static final int THREADS_PER_JOB = 2;

    private final List<Thread> threads = new ArrayList<>();
    private final DrainSignal stop = new DrainSignal();
    private final ScheduledThreadPoolExecutor clock;

    private QueueWorkers(Builder builder) {
        clock = new ScheduledThreadPoolExecutor(builder.jobs, QueueWorkers::renewing);
        clock.setRemoveOnCancelPolicy(true);
        AtomicInteger unstarted = new AtomicInteger();
        JobSlots slots = new JobSlots(builder.jobs);
        for (int i = 1; i <= THREADS_PER_JOB * builder.jobs; i++) {
            Worker worker = new Worker(
                    builder.queue,
                    builder.runner,
                    builder.settings,
                    builder.bounds,
                    List.copyOf(builder.reserves),
                    builder.patience,
                    builder.listener,
                    stop,
                    clock,
                    builder.renewal,
                    slots,
                    unstarted);
            Thread thread = builder.threadFactory.newThread(worker);
            thread.setName("construir-worker-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
    }

    // One per job at most: a slow answer for one claim must not let the others expire.
    private static Thread renewing(Runnable work) {
        Thread thread = new Thread(work, "construir-renewal");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Returns a builder of workers.
     *
     * @param queue where their jobs come from; closed by the caller, after the workers
     * @param runner runs them, and must be safe for use by many threads; closed by the caller, after the workers
     * @return a builder
     */
    public static Builder on(JobQueue queue, Runner runner) {
        return new Builder(queue, runner);
    }

    /** Returns how many jobs are run at once. */
    @Override
    public String toString() {
        return threads.size() / THREADS_PER_JOB + " workers of a queue";
    }

    /** Builds workers. Not safe for use by many threads. */
    public static final class Builder {
        private static final int MOST_JOBS = 1000;
        private static final Duration SHORTEST_RENEWAL = Duration.ofMillis(10);
        private static final Duration LONGEST_RENEWAL = Duration.ofDays(1);
        private static final Duration LONGEST_PATIENCE = Duration.ofDays(365);

        private final JobQueue queue;
        private final Runner runner;
        private final List<FreeSpaceGuard> reserves = new ArrayList<>();
        private int jobs = 1;
        private Duration renewal = Duration.ofSeconds(10);
        private Duration patience = Duration.ofHours(1);
        private UnaryOperator<Job> settings = job -> job;
        private Optional<JobBounds> bounds = Optional.empty();
        private QueueListener listener = QueueListener.NONE;
        private ThreadFactory threadFactory = Thread::new;

        private Builder(JobQueue queue, Runner runner) {
            this.queue = Objects.requireNonNull(queue, "queue");
            this.runner = Objects.requireNonNull(runner, "runner");
        }

        /** Returns how many jobs are run at once, and of which queue. */
        @Override
        public String toString() {
            return "builder of workers that run " + jobs + " jobs at once of the " + queue;
        }

        /**
         * Sets how many jobs are run at once. Results are packed and stored while the next jobs run, so that up to
         * twice as many jobs are claimed at a time.
         *
         * @param number 1 to 1,000; unless set, 1
         * @return this builder
         * @throws IllegalArgumentException if the number is out of its range
         */
        public Builder jobs(int number) {
            if (number < 1 || number > MOST_JOBS) {
                throw new IllegalArgumentException("1 to " + MOST_JOBS + " jobs can run at once, not " + number);
            }
            this.jobs = number;
            return this;
        }

        /**
         * Makes jobs wait while a file system is full: a job is claimed only while at least this much is free. A job
         * that fills the file system nevertheless uses up an attempt. Call it for the directory of the queue and for
         * the scratch directory of the runner; unless set, jobs are claimed without such a check.
         *
         * @param place a directory that is there
         * @param free how much must be free, for the user of this process
         * @return this builder
         */
        public Builder reserve(Path place, DataSize free) {
            reserves.add(
                    new FreeSpaceGuard(Objects.requireNonNull(place, "place"), Objects.requireNonNull(free, "free")));
            return this;
        }

        /**
         * Sets for how long storing a result is tried again. After that the attempt has failed: the job is run again or
         * put aside. Unless set, an hour.
         *
         * @param time zero to a year
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder patience(Duration time) {
            if (time.isNegative() || time.compareTo(LONGEST_PATIENCE) > 0) {
                throw new IllegalArgumentException("a result is kept for up to a year, not " + time);
            }
            this.patience = time;
            return this;
        }

        /**
         * Sets how often {@link Claim#renew} is called while a job is run. Unless set, every ten seconds.
         *
         * @param every 10 ms to a day
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder renewal(Duration every) {
            if (every.compareTo(SHORTEST_RENEWAL) < 0 || every.compareTo(LONGEST_RENEWAL) > 0) {
                throw new IllegalArgumentException(
                        "claims are renewed every " + SHORTEST_RENEWAL + " to " + LONGEST_RENEWAL + ", not " + every);
            }
            this.renewal = every;
            return this;
        }

        /**
         * Sets a function that changes each job before it runs, for example its limits.
         *
         * @param change returns the job that is run
         * @return this builder
         */
        public Builder settings(UnaryOperator<Job> change) {
            this.settings = Objects.requireNonNull(change, "change");
            return this;
        }

        /**
         * Lets jobs bring their own limits, resources, network and variables ({@link JobSettings}). A job that asks for
         * more than this is rejected. Unless set, {@link Claim#settings} is not called.
         *
         * @param most what jobs may ask for; what {@link #settings} gives is always allowed
         * @return this builder
         */
        public Builder bounds(JobBounds most) {
            this.bounds = Optional.of(most);
            return this;
        }

        /**
         * Sets the listener.
         *
         * @param hearing receives what happens
         * @return this builder
         */
        public Builder listener(QueueListener hearing) {
            this.listener = Objects.requireNonNull(hearing, "hearing");
            return this;
        }

        /**
         * Sets what makes the threads.
         *
         * @param factory makes them
         * @return this builder
         */
        public Builder threadFactory(ThreadFactory factory) {
            this.threadFactory = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Starts the workers.
         *
         * @return the workers, to be closed by the caller
         */
        public QueueWorkers start() {
            QueueWorkers workers = new QueueWorkers(this);
            workers.threads.forEach(Thread::start);
            return workers;
        }
    }

    /** Stops claiming jobs. Those that run go on. Returns at once. */
    public void drain() {
        stop.drain();
    }

    /** Cancels the jobs that run and gives them back. Returns at once. */
    public void stop() {
        stop.drain();
        threads.forEach(Thread::interrupt);
    }

    /**
     * Waits until all workers have ended, which they do only after {@link #drain} or {@link #stop}.
     *
     * @param limit how long to wait
     * @return whether they ended in time
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean await(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(limit);
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1_000_000, end - System.nanoTime()));
            if (thread.isAlive()) {
                return false;
            }
        }
        return true;
    }

    /** Stops, and waits until all jobs are given back. An interrupt does not cut the wait short. Idempotent. */
    @Override
    public void close() {
        stop();
        threads.forEach(thread -> Uninterrupted.run(thread::join));
        clock.shutdownNow();
    }
}
