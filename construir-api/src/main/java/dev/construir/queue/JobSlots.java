package dev.construir.queue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How many jobs run at a time, and how many results are packed and stored at a time: as many. A worker gives up the one
 * when its machine is gone and it has the other, so that the next job starts meanwhile, and neither memory nor disk
 * holds more than twice as many jobs. First come, first served. Safe for use by many threads.
 */
final class JobSlots {
    private final Semaphore running;
    private final Semaphore storing;

    JobSlots(int jobs) {
        this.running = new Semaphore(jobs, true);
        this.storing = new Semaphore(jobs, true);
    }

    /** One of the slots. Closing gives it to another, and is idempotent. */
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

    /** Waits for leave to run a job, but no longer than it may take. */
    Optional<Slot> run(Duration wait) throws InterruptedException {
        return running.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)
                ? Optional.of(new Slot(running))
                : Optional.empty();
    }

    /** Waits for leave to store a result. */
    Slot store() throws InterruptedException {
        storing.acquire();
        return new Slot(storing);
    }
}
