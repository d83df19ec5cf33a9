package dev.construir.queue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews a claim at an interval while its job runs on the thread that created this, and interrupts that thread when the
 * queue does not want the run any more. A failure to renew is logged, and the next turn tries again. Safe for use by
 * many threads.
 */
final class ClaimRenewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimRenewal.class);

    private final Claim claim;
    private final Thread worker = Thread.currentThread();
    private final Future<?> turns;
    private boolean over;
    private boolean unwanted;

    ClaimRenewal(Claim claim, ScheduledExecutorService clock, Duration every) {
        this.claim = claim;
        long pause = TimeUnit.NANOSECONDS.convert(every);
        this.turns = clock.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.NANOSECONDS);
    }

    private synchronized void renew() {
        if (over) {
            return;
        }
        try {
            if (claim.renew() == Claim.Directive.CANCEL) {
                over = true;
                unwanted = true;
                worker.interrupt();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("the claim of {} could not be renewed", claim.name(), e);
        }
    }

    synchronized boolean isWanted() {
        return !unwanted;
    }

    /** Stops renewing. Waits for a turn in progress, as only one thread at a time may use a claim. */
    @Override
    public synchronized void close() {
        over = true;
        turns.cancel(false);
        if (unwanted) { // the run may have ended before the interrupt reached it
            boolean unused = Thread.interrupted();
        }
    }
}
