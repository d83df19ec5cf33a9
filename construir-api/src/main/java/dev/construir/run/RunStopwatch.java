package dev.construir.run;

import java.time.Duration;

/**
 * When a run came to which stage, in nanoseconds of the run's clock. Only the first word on each counts. Safe for many
 * threads.
 */
final class RunStopwatch {
    private static final long NEVER = Long.MIN_VALUE;

    private final long accepted;
    private final long admitted;

    // guarded by this
    private long machineStarted = NEVER;
    private long jobStarted = NEVER;
    private long jobEnded = NEVER;
    private long gone = NEVER;

    RunStopwatch(long accepted, long admitted) {
        this.accepted = accepted;
        this.admitted = admitted;
    }

    /** Returns when the machine started: now, or when it was said before. */
    synchronized long machineStarted(long now) {
        machineStarted = machineStarted == NEVER ? now : machineStarted;
        return machineStarted;
    }

    /** Returns whether this is the first word on it, and not after the job's end. */
    synchronized boolean jobStarted(long now) {
        boolean first = jobStarted == NEVER && jobEnded == NEVER;
        jobStarted = first ? now : jobStarted;
        return first;
    }

    /** Returns whether this is the first word on it, and not before the job's start. */
    synchronized boolean jobEnded(long now) {
        boolean first = jobEnded == NEVER && jobStarted != NEVER;
        jobEnded = first ? now : jobEnded;
        return first;
    }

    synchronized void gone(long now) {
        gone = gone == NEVER ? now : gone;
    }

    synchronized Timings timings() {
        long running = first(machineStarted, gone);
        long started = first(jobStarted, jobEnded, gone);
        long ended = first(jobEnded, gone);
        return new Timings(
                Duration.ofNanos(admitted - accepted),
                between(admitted, running),
                machineStarted == NEVER ? Duration.ZERO : between(machineStarted, started),
                jobStarted == NEVER ? Duration.ZERO : between(jobStarted, ended),
                jobEnded == NEVER ? Duration.ZERO : between(jobEnded, gone));
    }

    private static long first(long... times) {
        for (long time : times) {
            if (time != NEVER) {
                return time;
            }
        }
        return NEVER;
    }

    private static Duration between(long from, long to) {
        return to == NEVER ? Duration.ZERO : Duration.ofNanos(Math.max(0, to - from));
    }
}
