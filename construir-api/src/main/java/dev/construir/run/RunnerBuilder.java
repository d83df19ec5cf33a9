package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.Reason;
import dev.construir.image.RootImage;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Builds runners that give every job a machine of its own. Not safe for use by many threads.
 *
 * <p>What a run takes of the Java heap does not depend on what its job prints or leaves behind: at most {@link #listenerBuffer}, if it has a
 * listener that does not keep up, and 1 MiB for everything else, the ends of output and console among it, of which the result keeps 256 KiB.
 * With {@link dev.construir.job.Outputs#CHANGED} it also takes 8 bytes for every entry that the disk begins with, kept by the result, and
 * some times that while the disk is looked at.
 */
public final class RunnerBuilder {
    final Hypervisor hypervisor;
    final RootImage root;
    private Path scratch = Scratch.defaultRoot().resolve("runs");
    RunClock clock = RunClock.SYSTEM;
    ThreadFactory threadFactory = RunnerBuilder::daemon;
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
    private static final Duration LONGEST_STALL =
            Duration.ofSeconds(5); // less than backends wait for what their listener has yet to take

    RunnerBuilder(Hypervisor hypervisor, RootImage root) {
        this.hypervisor = Objects.requireNonNull(hypervisor, "hypervisor");
        this.root = Objects.requireNonNull(root, "root");
    }

    /**
     * Sets where job disks live while they are in use. They may grow to the sizes of the jobs' disks.
     *
     * @param directory the directory, created if it is missing; unless set, {@code runs} in {@link Scratch#defaultRoot}
     * @return this builder
     */
    public RunnerBuilder scratch(Path directory) {
        this.scratch = Objects.requireNonNull(directory, "directory");
        return this;
    }

    /**
     * Sets the clock that limits and events go by.
     *
     * @param source the clock; unless set, {@link RunClock#SYSTEM}
     * @return this builder
     */
    public RunnerBuilder clock(RunClock source) {
        this.clock = Objects.requireNonNull(source, "source");
        return this;
    }

    /**
     * Sets what makes the threads that call listeners, one for every run that has a listener.
     *
     * @param factory the factory; unless set, daemon threads
     * @return this builder
     */
    public RunnerBuilder threadFactory(ThreadFactory factory) {
        this.threadFactory = Objects.requireNonNull(factory, "factory");
        return this;
    }

    /**
     * Sets how many machines of this runner run at once; further runs wait. First come, first served: in the order in which {@link Runner#start}
     * and {@link Runner#run} were called.
     *
     * @param max the number, at least 1; unless set, only the {@link #budget} is a bound
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public RunnerBuilder maxConcurrent(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("a runner runs at least one machine at once, not " + max);
        }
        this.maxConcurrent = max;
        return this;
    }

    /**
     * Sets what this runner shares with others: so many machines at once, so much memory, so many processors. First come, first served.
     *
     * @param shared the budget; unless set, that of the hypervisor, which is {@link MachineBudget#ofHost} for machines of this host
     * @return this builder
     */
    public RunnerBuilder budget(MachineBudget shared) {
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
    public RunnerBuilder hardwareAcceleration(Preference policy) {
        this.hardwareAcceleration = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Sets whether machines are resumed from a memory image instead of booted.
     *
     * @param policy the policy; unless set, {@link Preference#NEVER}
     * @return this builder
     */
    public RunnerBuilder warmStart(Preference policy) {
        this.warmStart = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Keeps machines ready: resumed from a memory image in advance, and paused, so that a run only has to let one go. They serve the jobs
     * that want such resources and no network; other jobs have machines made for them as usual. Each that is taken is replaced in the
     * background, as soon as its run has its turn. Needs {@link #warmStart} and a hypervisor that can; without, a warning is logged and machines are started as usual.
     *
     * <p>A machine that waits uses no processor. Its memory is shared with the others but for what it has written to so far: with QEMU about
     * 30 MiB each, most of it QEMU's own. They do not count as {@link #maxConcurrent}, and take nothing of the
     * {@link #budget} but while they are made.
     *
     * @param count how many wait at a time, 0 to 1000; unless set, none
     * @param resources what they have; the size of the disk does not matter
     * @return this builder
     * @throws IllegalArgumentException if the number is out of its range
     */
    public RunnerBuilder warmPool(int count, Resources resources) {
        if (count < 0 || count > MOST_READY) {
            throw new IllegalArgumentException("0 to " + MOST_READY + " machines are kept ready, not " + count);
        }
        this.warmPool = count;
        this.readyResources = Objects.requireNonNull(resources, "resources");
        return this;
    }

    /**
     * Sets how much of a job's output waits in memory for a listener that does not keep up. What comes beyond is held up for the time of
     * {@link #listenerStall}, and left out then, and told by {@link RunEvent.Output#droppedBefore} and {@link JobResult#droppedOutput}.
     *
     * @param size the size for each run that has a listener, 64 KiB to 1 GiB, taken from the heap as it is needed; unless set, 4 MiB
     * @return this builder
     * @throws IllegalArgumentException if the size is out of its range
     */
    public RunnerBuilder listenerBuffer(DataSize size) {
        if (size.compareTo(SMALLEST_BUFFER) < 0 || size.compareTo(LARGEST_BUFFER) > 0) {
            throw new IllegalArgumentException("the buffer of a listener is " + SMALLEST_BUFFER + " to "
                    + LARGEST_BUFFER + ", not " + size + "; without a listener there is none");
        }
        this.listenerBuffer = size;
        return this;
    }

    /**
     * Sets for how long a listener that does not keep up may hold up the guest's output: with its buffer full, as long as its last call
     * returned no longer ago than this. One that is slow but goes on misses nothing then, and the job is as slow as its listener; one that is
     * stuck costs the job no more than this once, and misses what comes after.
     *
     * @param time zero to five seconds; unless set, zero: a listener never stalls the guest
     * @return this builder
     * @throws IllegalArgumentException if the time is out of its range
     */
    public RunnerBuilder listenerStall(Duration time) {
        if (time.isNegative() || time.compareTo(LONGEST_STALL) > 0) {
            throw new IllegalArgumentException("a listener may stall a guest for zero to "
                    + Durations.format(LONGEST_STALL) + ", not " + Durations.format(time));
        }
        this.listenerStall = time;
        return this;
    }

    /**
     * Sets for how long a run that is over waits for one call of its listener to return. A listener that takes longer is interrupted and
     * hears no more; one that goes on hears everything, however long that takes in all.
     *
     * @param time more than zero and at most {@link Limits#UNLIMITED}; unless set, ten seconds
     * @return this builder
     * @throws IllegalArgumentException if the time is out of its range
     */
    public RunnerBuilder listenerPatience(Duration time) {
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
        Scratch directories = openScratch();
        boolean built = false;
        try {
            Runner runner = new MachineRunner(this, directories);
            built = true;
            return runner;
        } finally {
            if (!built) {
                directories.close();
            }
        }
    }

    private Scratch openScratch() throws ConstruirException {
        try {
            return Scratch.open(scratch, leftover -> {});
        } catch (IOException e) {
            throw new ConstruirException(
                    "the scratch directory " + scratch + " cannot be used: " + Reason.of(e)
                            + "; RunnerBuilder.scratch sets another one",
                    e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    /** Returns what runners run jobs in. */
    @Override
    public String toString() {
        return "builder of runners with the image " + root.name() + " on " + hypervisor.name();
    }
}
