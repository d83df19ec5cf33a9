package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.write.PackOptions;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.terminal.Environment;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that runs jobs: what they run on, and when they are killed. */
final class JobOptions {
    @Mixin
    private final MachinePlaceOptions place;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "When the machine is killed: 2h, 1h30m, 90s, none. Default: 2h.")
    private Duration timeout = Limits.DEFAULT.total();

    @Option(
            names = "--boot-timeout",
            paramLabel = "TIME",
            description = "When it is killed if the job has not started. Default: 5m.")
    private Duration bootTimeout = Limits.DEFAULT.boot();

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            description = "When it is killed if the job prints nothing, reads and writes nothing, and hardly computes. "
                    + "Default: none.")
    private Duration idleTimeout = Limits.DEFAULT.idle();

    @Option(
            names = "--disk",
            paramLabel = "SIZE",
            description = "The size of the job disk made from a directory; free space takes no room. Default: "
                    + "${DEFAULT-VALUE}.")
    private DataSize disk = Resources.DEFAULT.disk();

    @Option(
            names = "--inodes",
            paramLabel = "N",
            description = "How many files, directories and links a disk made from a directory has room for at least. "
                    + "Default: what is usual for its size, or twice as many as the directory holds.")
    private long inodes;

    JobOptions(Environment surroundings) {
        place = new MachinePlaceOptions(surroundings, false);
    }

    /** Returns what machines run on. */
    MachinePlaceOptions place() {
        return place;
    }

    /**
     * Returns the limits and resources of every job.
     *
     * @throws ConstruirException if a value is out of its range; the message names its option
     */
    JobDefaults terms() throws ConstruirException {
        Limits total = OptionRange.check("--timeout", () -> Limits.DEFAULT.withTotal(timeout));
        Limits boot = OptionRange.check(
                "--boot-timeout", () -> total.withBoot(bootTimeout.compareTo(timeout) > 0 ? timeout : bootTimeout));
        Limits limits = OptionRange.check("--idle-timeout", () -> boot.withIdle(idleTimeout));
        Resources given = place.machine().resources();
        Resources resources = OptionRange.check("--disk", () -> given.withDisk(disk));
        return new JobDefaults(limits, resources, place.machine().network());
    }

    /** Returns how a directory is made a disk. */
    PackOptions packing() throws ConstruirException {
        if (inodes < 0) {
            throw new ConstruirException("--inodes takes a number from 1 on, not " + inodes);
        }
        return PackOptions.DEFAULT.withInodes(inodes);
    }
}
