package dev.construir.run;

import dev.construir.job.Limits;
import dev.construir.machine.Usage;
import dev.construir.run.Outcome.Limit;
import dev.construir.run.Outcome.TimedOut;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides when a machine has taken too long. Knows no clock and no machine: it receives the time, in nanoseconds, and
 * what the machine has used. Not safe for use by many threads.
 */
final class LimitTracker {
    private static final long MIN_SAMPLE = Duration.ofMillis(100).toNanos();
    private static final long MAX_SAMPLE = Duration.ofSeconds(5).toNanos();
    /** Less than a tenth of a processor is what an idle system itself takes. */
    private static final int IDLE_CPU_FRACTION = 10;

    private enum Phase {
        BOOTING,
        JOB,
        ENDING
    }

    private final Limits limits;
    private final long begin;
    private final long sampleEvery;

    private Phase phase = Phase.BOOTING;
    private long phaseBegin;
    private long nextSample = Long.MAX_VALUE;
    private long sampledAt;
    private long activeAt;
    private Usage activeUsage = Usage.NONE;
    private long activeOutput;

    LimitTracker(Limits limits, long now) {
        this.limits = limits;
        this.begin = now;
        this.phaseBegin = now;
        this.sampleEvery =
                Math.max(MIN_SAMPLE, Math.min(MAX_SAMPLE, limits.idle().toNanos() / 4));
    }

    /** The job has started. Only the first word counts. */
    void jobStarted(long now) {
        if (phase == Phase.BOOTING) {
            phase = Phase.JOB;
            phaseBegin = now;
            activeAt = now;
            sampledAt = now;
            nextSample = limits.idle().compareTo(Limits.UNLIMITED) < 0 ? now : Long.MAX_VALUE;
        }
    }

    /** The job has ended. Only the first word counts. */
    void jobEnded(long now) {
        if (phase != Phase.ENDING) {
            phase = Phase.ENDING;
            phaseBegin = now;
            nextSample = Long.MAX_VALUE;
        }
    }

    /** Returns whether the idle limit wants to know the machine's usage now. */
    boolean wantsSample(long now) {
        if (nextSample == Long.MAX_VALUE) {
            return false;
        }
        boolean aboutToExpire = phase == Phase.JOB && reached(activeAt, limits.idle(), now) && sampledAt != now;
        return aboutToExpire || now - nextSample >= 0;
    }

    /** Takes what the machine has used and printed so far. */
    void sample(long now, Usage usage, long output) {
        long wall = now - activeAt;
        long cpu = usage.cpu().minus(activeUsage.cpu()).toNanos();
        boolean busy = cpu > wall / IDLE_CPU_FRACTION
                || !usage.diskRead().equals(activeUsage.diskRead())
                || !usage.diskWritten().equals(activeUsage.diskWritten())
                || output != activeOutput;
        if (busy) {
            activeAt = now;
            activeUsage = usage;
            activeOutput = output;
        }
        sampledAt = now;
        nextSample = now + sampleEvery;
    }

    /** Returns the limit that has been reached, if one has. */
    Optional<Outcome> verdict(long now) {
        if (reached(begin, limits.total(), now)) {
            return Optional.of(new TimedOut(Limit.TOTAL, limits.total()));
        }
        return switch (phase) {
            case BOOTING -> timedOut(Limit.BOOT, phaseBegin, limits.boot(), now);
            case JOB -> timedOut(Limit.IDLE, activeAt, limits.idle(), now);
            case ENDING -> timedOut(Limit.SHUTDOWN, phaseBegin, limits.shutdown(), now);
        };
    }

    /** Returns the time until something has to be looked at again, in nanoseconds, at least 1. */
    long untilNext(long now) {
        long rest = limits.total().toNanos() - (now - begin);
        rest = Math.min(
                rest,
                switch (phase) {
                    case BOOTING -> limits.boot().toNanos() - (now - phaseBegin);
                    case JOB -> limits.idle().toNanos() - (now - activeAt);
                    case ENDING -> limits.shutdown().toNanos() - (now - phaseBegin);
                });
        if (nextSample != Long.MAX_VALUE) {
            rest = Math.min(rest, nextSample - now);
        }
        return Math.max(1, rest);
    }

    private static Optional<Outcome> timedOut(Limit which, long since, Duration limit, long now) {
        return reached(since, limit, now) ? Optional.of(new TimedOut(which, limit)) : Optional.empty();
    }

    private static boolean reached(long since, Duration limit, long now) {
        return now - since >= limit.toNanos();
    }
}
