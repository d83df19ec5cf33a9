package dev.construir.queue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stops workers from claiming more jobs. */
final class DrainSignal {
    private final CountDownLatch draining = new CountDownLatch(1);

    void drain() {
        draining.countDown();
    }

    boolean isDraining() {
        return draining.getCount() == 0;
    }

    /** Waits for so long, or until claiming stops. */
    void pause(Duration time) throws InterruptedException {
        boolean unused = draining.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
