package dev.construir.queue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Leave to run one job. A worker gives it up as soon as its machine is gone, so that the next job starts while the result is packed and
 * stored. Safe for use by many threads.
 */
final class MachineSlot implements AutoCloseable {
    private final Semaphore slots;
    private final AtomicBoolean held = new AtomicBoolean(true);

    private MachineSlot(Semaphore slots) {
        this.slots = slots;
    }

    /** Takes one of the slots; empty if none became free in time. */
    static Optional<MachineSlot> of(Semaphore slots, Duration wait) throws InterruptedException {
        return slots.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)
                ? Optional.of(new MachineSlot(slots))
                : Optional.empty();
    }

    /** Lets another worker have it. Idempotent. */
    @Override
    public void close() {
        if (held.getAndSet(false)) {
            slots.release();
        }
    }
}
