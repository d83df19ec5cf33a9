package dev.construir.testkit;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import java.time.Duration;

/**
 * Jobs for tests on real machines.
 *
 * @since 0.1
 */
public final class TestJobs {
    /** Small enough to boot fast, big enough for what the tests do. */
    public static final Resources SMALL =
            Resources.DEFAULT.withMemory(DataSize.ofMebibytes(128)).withDisk(DataSize.ofMebibytes(16));

    private TestJobs() {}

    /**
     * Makes a job of a shell script.
     *
     * @param shell the script
     * @return a small job that is killed after three minutes
     */
    public static Job script(String shell) {
        return Job.script("test", shell)
                .withResources(SMALL)
                .withLimits(Limits.DEFAULT.withTotal(Duration.ofMinutes(3)));
    }
}
