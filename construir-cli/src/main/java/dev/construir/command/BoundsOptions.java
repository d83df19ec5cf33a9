package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.queue.JobBounds;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * How far jobs of a queue may go in their own settings. Without these options a job may ask for less than the others
 * have, and not for more.
 */
final class BoundsOptions {
    @Option(
            names = "--max-timeout",
            paramLabel = "TIME",
            description = "The longest --timeout that a job may ask for in its bin/construir.properties. Default: that "
                    + "of --timeout.")
    private @Nullable Duration timeout;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            description = "The most memory that a job may ask for. Default: that of --memory.")
    private @Nullable DataSize memory;

    @Option(
            names = "--max-cpus",
            paramLabel = "N",
            description = "The most processors that a job may ask for. Default: those of --cpus.")
    private @Nullable Integer cpus;

    @Option(
            names = "--max-disk",
            paramLabel = "SIZE",
            description = "The largest job disk that a job may ask for. Default: that of --disk.")
    private @Nullable DataSize disk;

    @Option(
            names = "--allow-network",
            negatable = true,
            fallbackValue = "true",
            description = "Jobs may ask for a network, and then reach what this host reaches (see --network). "
                    + "Default: what asks for one is refused.")
    private boolean network;

    /** Returns the bounds, given what jobs have that ask for nothing. */
    JobBounds bounds(JobDefaults usual) throws ConstruirException {
        Limits limits = OptionRange.check(
                "--max-timeout",
                () -> timeout == null ? usual.limits() : usual.limits().withTotal(timeout));
        // A job that may run longer may also boot or be idle for longer.
        Limits all = timeout == null ? limits : limits.withBoot(max(timeout, limits.boot()));
        Resources cpu = OptionRange.check(
                "--max-cpus",
                () -> cpus == null ? usual.resources() : usual.resources().withCpus(cpus));
        Resources mem = OptionRange.check("--max-memory", () -> memory == null ? cpu : cpu.withMemory(memory));
        Resources most = OptionRange.check("--max-disk", () -> disk == null ? mem : mem.withDisk(disk));
        return new JobBounds(all, most, network);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
