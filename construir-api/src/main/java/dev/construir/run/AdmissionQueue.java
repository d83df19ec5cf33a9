package dev.construir.run;

import dev.construir.job.Resources;
import dev.construir.machine.MachineBudget;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who of a runner's jobs is next: first come, first served, for the runner's own number of machines and then for the
 * budget, whose queue jobs enter in the same order. Safe for use by many threads.
 */
final class AdmissionQueue {
    private final int machines;
    private final MachineBudget budget;

    // guarded by this
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private int running;

    AdmissionQueue(int machines, MachineBudget budget) {
        this.machines = machines;
        this.budget = budget;
    }

    /** Takes the next place. Returns at once. */
    synchronized Turn enter(Resources resources) {
        Turn turn = new Turn(resources);
        waiting.add(turn);
        advance();
        return turn;
    }

    private void advance() {
        while (running < machines && !waiting.isEmpty()) {
            Turn next = waiting.remove();
            try {
                next.place = budget.enter(next.resources.cpus(), next.resources.memory());
                running++;
            } catch (RuntimeException | Error e) { // reported to who waits for that turn, which need not be this thread
                next.failure = e;
            }
            notifyAll();
        }
    }

    /** A job's place, and then its turn. */
    final class Turn implements AutoCloseable {
        private final Resources resources;
        private MachineBudget.@Nullable Place place;
        private @Nullable Throwable failure;
        private boolean closed;

        private Turn(Resources resources) {
            this.resources = resources;
        }

        /** Says why the job has to wait; empty if it is its turn. */
        Optional<String> waitsFor() {
            synchronized (AdmissionQueue.this) {
                return place == null
                        ? Optional.of("its turn: this runner runs " + machines + " machine" + (machines == 1 ? "" : "s")
                                + " at once, and earlier jobs come first")
                        : place.waitsFor();
            }
        }

        /** Waits for the turn. */
        void await() throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted before the run began");
            }
            MachineBudget.Place share;
            synchronized (AdmissionQueue.this) {
                while (place == null && failure == null) {
                    AdmissionQueue.this.wait();
                }
                if (place == null) {
                    throw new IllegalStateException("the budget refused a place to the machine", failure);
                }
                share = place;
            }
            share.await();
        }

        /** Lets the next one have its turn. Idempotent. */
        @Override
        public void close() {
            synchronized (AdmissionQueue.this) {
                if (closed) {
                    return;
                }
                closed = true;
                if (place == null) {
                    waiting.remove(this);
                } else {
                    running--;
                    try {
                        place.close();
                    } finally {
                        advance();
                    }
                }
            }
        }
    }
}
