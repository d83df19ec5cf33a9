package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.WarmMachine;
import dev.construir.thread.Uninterrupted;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machines that were resumed in advance, for runs to come: so many at a time, refilled in the background. Safe for use
 * by many threads.
 *
 * <p>Owns the machines that wait, their directories, and one thread.
 */
final class WarmPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmPool.class);

    private final int size;
    private final Resources resources;
    private final Source source;
    private final Thread thread;

    // guarded by this
    private final Deque<Ready> waiting = new ArrayDeque<>();
    private int taken; // by runs that wait for their turn
    private boolean trying = true;
    private boolean closed;

    /** Prepares machines. */
    @FunctionalInterface
    interface Source {
        /** Prepares a machine with these resources and without a network; empty if the hypervisor can't. */
        Optional<Ready> prepare(Resources resources) throws ConstruirException, InterruptedException;
    }

    /**
     * A machine that waits for its run.
     *
     * @param runId the run's id, which its disk has as its serial
     * @param place where it lives
     * @param machine the machine
     */
    record Ready(String runId, MachinePlace place, WarmMachine machine) {
        void discard() {
            try {
                machine.close();
            } finally {
                place.directory().close();
            }
        }
    }

    private WarmPool(int size, Resources resources, Source source, ThreadFactory threads) {
        this.size = size;
        this.resources = resources;
        this.source = source;
        thread = threads.newThread(this::refill);
        thread.setName("construir-ready");
    }

    static WarmPool start(int size, Resources resources, Source source, ThreadFactory threads) {
        WarmPool machines = new WarmPool(size, resources, source, threads);
        machines.thread.start();
        return machines;
    }

    /** Hands out a machine that is as the job wants it, if there is one. */
    synchronized Optional<Ready> take(Job job) {
        trying = true;
        notifyAll();
        boolean fits = !job.network().outbound()
                && job.checkpoint().isEmpty()
                && job.resources().cpus() == resources.cpus()
                && job.resources().memory().equals(resources.memory());
        Optional<Ready> machine = fits ? Optional.ofNullable(waiting.poll()) : Optional.empty();
        taken += machine.isPresent() ? 1 : 0;
        return machine;
    }

    /** Another machine may take the place of one that was handed out: its run has its turn, or is over. */
    synchronized void replace() {
        taken--;
        notifyAll();
    }

    /** Ends all machines that wait. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        thread.interrupt();
        Uninterrupted.run(thread::join);
        Ready ready = poll();
        while (ready != null) {
            ready.discard();
            ready = poll();
        }
    }

    private void refill() {
        try {
            while (awaitRoom()) {
                Optional<Ready> ready = prepare();
                if (ready.isEmpty()) {
                    giveUp();
                } else if (!add(ready.get())) {
                    ready.get().discard();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private Optional<Ready> prepare() throws InterruptedException {
        try {
            Optional<Ready> ready = source.prepare(resources);
            if (ready.isEmpty()) {
                LOG.warn("no machines are kept ready: the hypervisor can keep none");
            }
            return ready;
        } catch (ConstruirException | RuntimeException e) {
            LOG.warn("no machine is kept ready until the next run", e);
            return Optional.empty();
        }
    }

    private synchronized boolean awaitRoom() throws InterruptedException {
        while (!closed && (!trying || waiting.size() + taken >= size)) {
            wait();
        }
        return !closed;
    }

    /** Does nothing until the next run: what failed would fail again at once. */
    private synchronized void giveUp() {
        trying = false;
    }

    private synchronized boolean add(Ready ready) {
        if (!closed) {
            waiting.add(ready);
        }
        return !closed;
    }

    private synchronized @Nullable Ready poll() {
        return waiting.poll();
    }
}
