package dev.construir.run;

import java.time.Instant;

/**
 * The clock of a runner: limits and timings are measured by {@link #nanoTime}, events are stamped by {@link #instant}.
 * How long threads wait between two looks at the clock is real time. Safe for many threads.
 */
interface RunClock {
    /** The host's clocks. */
    RunClock SYSTEM = new RunClock() {
        @Override
        public Instant instant() {
            return Instant.now();
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }
    };

    /**
     * Returns the time of day.
     *
     * @return the time of day
     */
    Instant instant();

    /**
     * Returns a time that never jumps, as {@link System#nanoTime} does.
     *
     * @return nanoseconds since any fixed moment
     */
    long nanoTime();
}
