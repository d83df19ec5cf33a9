package dev.construir.run;

import java.time.Duration;

/**
 * Where the time of a run went. A part that was not reached is zero.
 *
 * @param queued waiting for other runs of the same runner
 * @param preparing writing the job disk and starting the machine
 * @param booting from the machine's start to the start of the job
 * @param job from the start of the job to its end
 * @param shutdown from the end of the job to the end of the machine
 * @since 0.1
 */
public record Timings(Duration queued, Duration preparing, Duration booting, Duration job, Duration shutdown) {
    /** Nothing took any time. */
    public static final Timings NONE =
            new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    /**
     * Returns the sum of all parts.
     *
     * @return the sum
     */
    public Duration total() {
        return queued.plus(preparing).plus(booting).plus(job).plus(shutdown);
    }
}
