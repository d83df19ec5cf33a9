package dev.construir.sandbox;

import dev.construir.run.Runner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One of several holders of a runner; the last one to let go of it closes it, if it is theirs. */
final class RunnerHold implements AutoCloseable {
    private final Runner runner;
    private final boolean owned;
    private final AtomicInteger holders;
    private final AtomicBoolean over = new AtomicBoolean();

    private RunnerHold(Runner runner, boolean owned, AtomicInteger holders) {
        this.runner = runner;
        this.owned = owned;
        this.holders = holders;
        holders.incrementAndGet();
    }

    /** Holds a runner that its last holder closes. */
    static RunnerHold owning(Runner runner) {
        return new RunnerHold(runner, true, new AtomicInteger());
    }

    /** Holds a runner that somebody else closes. */
    static RunnerHold of(Runner runner) {
        return new RunnerHold(runner, false, new AtomicInteger());
    }

    Runner runner() {
        return runner;
    }

    /** Returns a further hold, while this one is not closed. */
    RunnerHold share() {
        return new RunnerHold(runner, owned, holders);
    }

    @Override
    public void close() {
        if (over.compareAndSet(false, true) && holders.decrementAndGet() == 0 && owned) {
            runner.close();
        }
    }
}
