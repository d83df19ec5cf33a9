package dev.construir.job;

import dev.construir.DataSize;
import java.time.Duration;
import java.util.Map;

/**
 * The limits after which a job's machine is killed. Each limit is measured on a clock that never jumps.
 *
 * <pre>{@code
 * Limits limits = Limits.DEFAULT.withTotal(Duration.ofMinutes(20)).withIdle(Duration.ofMinutes(2));
 * }</pre>
 *
 * @param total from the start of the machine to its end
 * @param boot from the start of the machine to the start of the job
 * @param idle for how long a started job may do nothing at all: print nothing, read and write nothing on its disks, and
 *     use less than a tenth of one processor
 * @param shutdown from the end of the job to the end of the machine
 * @param output how much the machine may print, on its output port and its console together
 * @since 0.1
 */
public record Limits(Duration total, Duration boot, Duration idle, Duration shutdown, DataSize output) {
    /** As good as no limit: 10,000 days. */
    public static final Duration UNLIMITED = Duration.ofDays(10_000);

    /** Two hours in total, five minutes to boot, one minute to shut down, 1 GiB of output; idleness is not limited. */
    public static final Limits DEFAULT = new Limits(
            Duration.ofHours(2), Duration.ofMinutes(5), UNLIMITED, Duration.ofMinutes(1), DataSize.ofGibibytes(1));

    /**
     * Creates limits.
     *
     * @param total see {@link #total()}
     * @param boot see {@link #boot()}
     * @param idle see {@link #idle()}
     * @param shutdown see {@link #shutdown()}
     * @param output see {@link #output()}
     * @throws IllegalArgumentException if a duration is not positive or longer than {@link #UNLIMITED}
     */
    public Limits {
        Map.of("total", total, "boot", boot, "idle", idle, "shutdown", shutdown).forEach((name, limit) -> {
            if (limit.isNegative() || limit.isZero() || limit.compareTo(UNLIMITED) > 0) {
                throw new IllegalArgumentException("the " + name + " limit is more than zero and at most "
                        + UNLIMITED.toDays() + " days, not " + limit.toSeconds() + " s");
            }
        });
    }

    /**
     * Returns these limits with another total limit.
     *
     * @param limit from the start of the machine to its end
     * @return new limits
     */
    public Limits withTotal(Duration limit) {
        return new Limits(limit, boot, idle, shutdown, output);
    }

    /**
     * Returns these limits with another boot limit.
     *
     * @param limit from the start of the machine to the start of the job
     * @return new limits
     */
    public Limits withBoot(Duration limit) {
        return new Limits(total, limit, idle, shutdown, output);
    }

    /**
     * Returns these limits with another idle limit.
     *
     * @param limit for how long a started job may do nothing at all
     * @return new limits
     */
    public Limits withIdle(Duration limit) {
        return new Limits(total, boot, limit, shutdown, output);
    }

    /**
     * Returns these limits with another shutdown limit.
     *
     * @param limit from the end of the job to the end of the machine
     * @return new limits
     */
    public Limits withShutdown(Duration limit) {
        return new Limits(total, boot, idle, limit, output);
    }

    /**
     * Returns these limits with another output limit.
     *
     * @param limit how much the job may print
     * @return new limits
     */
    public Limits withOutput(DataSize limit) {
        return new Limits(total, boot, idle, shutdown, limit);
    }
}
