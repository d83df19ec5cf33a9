package dev.construir.queue;

import dev.construir.job.Limits;
import dev.construir.job.Resources;
import java.util.Objects;

/**
 * The most that jobs of a queue may ask for in their {@link JobSettings}. What jobs have that ask for nothing is always
 * allowed.
 *
 * @param limits the longest times, and the most output; the limit for the shutdown is not a job's to change
 * @param resources the most processors, memory and disk
 * @param network whether a job may ask for a network
 * @since 0.1
 */
public record JobBounds(Limits limits, Resources resources, boolean network) {
    /**
     * Creates bounds.
     *
     * @param limits see {@link #limits()}
     * @param resources see {@link #resources()}
     * @param network see {@link #network()}
     */
    public JobBounds {
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(resources, "resources");
    }
}
