package dev.construir.queue;

import java.time.Duration;
import java.util.List;

/**
 * A process that serves the same directory and has shown no sign of life for a while, though it is not dead: it is
 * stopped, or hangs in the kernel.
 *
 * @param pid its process number, on its host
 * @param host its host
 * @param silent for how long this process has seen no sign of life
 * @param jobs the jobs that it keeps
 * @since 0.1
 */
public record SilentWatcher(long pid, String host, Duration silent, List<String> jobs) {
    /**
     * Copies the list.
     *
     * @param pid see {@link #pid()}
     * @param host see {@link #host()}
     * @param silent see {@link #silent()}
     * @param jobs see {@link #jobs()}
     */
    public SilentWatcher {
        jobs = List.copyOf(jobs);
    }
}
