package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.Reason;
import dev.construir.image.RootImage;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Policy;
import dev.construir.scratch.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;

/** Builds runners that give every job a machine of its own. Not safe for use by many threads. */
public final class RunnerBuilder {
    final Hypervisor hypervisor;
    final RootImage root;
    private Path scratch = Scratch.defaultRoot().resolve("runs");
    RunClock clock = RunClock.SYSTEM;
    ThreadFactory threads = RunnerBuilder::daemon;
    int machines = Integer.MAX_VALUE;
    Policy hardware = Policy.PREFER;
    Policy warmStart = Policy.NEVER;

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
    public RunnerBuilder threads(ThreadFactory factory) {
        this.threads = Objects.requireNonNull(factory, "factory");
        return this;
    }

    /**
     * Sets how many machines run at once; further runs wait.
     *
     * @param max the number, at least 1; unless set, there is no bound
     * @return this builder
     * @throws IllegalArgumentException if the number is less than 1
     */
    public RunnerBuilder machines(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("a runner runs at least one machine at once, not " + max);
        }
        this.machines = max;
        return this;
    }

    /**
     * Sets whether the host's hardware virtualisation is used.
     *
     * @param policy the policy; unless set, {@link Policy#PREFER}
     * @return this builder
     */
    public RunnerBuilder hardware(Policy policy) {
        this.hardware = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Sets whether machines are resumed from a memory image instead of booted.
     *
     * @param policy the policy; unless set, {@link Policy#NEVER}
     * @return this builder
     */
    public RunnerBuilder warmStart(Policy policy) {
        this.warmStart = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Builds the runner.
     *
     * @return the runner
     * @throws ConstruirException if the scratch directory cannot be used; the hypervisor is closed then
     */
    public Runner build() throws ConstruirException {
        try {
            return new MachineRunner(this, Scratch.open(scratch, leftover -> {}));
        } catch (IOException e) {
            hypervisor.close();
            throw new ConstruirException(
                    "the scratch directory " + scratch + " cannot be used: " + Reason.of(e)
                            + "; name another one by scratch(...)",
                    e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }
}
