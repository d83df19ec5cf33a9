package dev.construir.queue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Limits how many jobs run at a time, and how many results are stored at a time, to the same number. A worker trades
 * its slot for running for one for storing when its machine is gone, so that the next job starts meanwhile, and at most
 * twice as many jobs use memory and disk. First come, first served. Safe for use by many threads.
 */
final class JobSlots {
    private final Semaphore running;
    private final Semaphore storing;

    JobSlots(int jobs) {
        this.running = new Semaphore(jobs, true);
        this.storing = new Semaphore(jobs, true);
    }

    /** A slot. Closing frees it for another worker, and is idempotent. */
    static final class Slot implements AutoCloseable {
        private final Semaphore slots;
        private final AtomicBoolean held = new AtomicBoolean(true);

        private Slot(Semaphore slots) {
            this.slots = slots;
        }

        @Override
        public void close() {
            if (held.getAndSet(false)) {
                slots.release();
            }
        }
    }

    /** Waits for a slot to run a job, but no longer than given. */
    Optional<Slot> run(Duration wait) throws InterruptedException {
        return running.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)
                ? Optional.of(new Slot(running))
                : Optional.empty();
    }

    /** Waits for a slot to store a result. */
    Slot store() throws InterruptedException {
        storing.acquire();
        return new Slot(storing);
    }
}
