package dev.construir.queue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews a claim now and then while its job is run by the thread that made this, and interrupts that thread when the
 * queue does not want the run any more. What the queue throws meanwhile is logged: it is asked again. Safe for use by
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

    /** Ends it; a turn that is being taken is waited for, as a claim is used by one thread at a time. */
    @Override
    public synchronized void close() {
        over = true;
        turns.cancel(false);
        if (unwanted) { // the run may have been over before it heard of that
            boolean unused = Thread.interrupted();
        }
    }
}
