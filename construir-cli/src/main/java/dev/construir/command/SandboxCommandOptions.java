package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.terminal.Environment;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that opens a sandbox. */
final class SandboxCommandOptions {
    /** A command's output waits for its reader, so that there may be any amount of it. */
    private static final Limits ENDLESS = Limits.DEFAULT.withOutput(DataSize.ofBytes(Long.MAX_VALUE));

    @Mixin
    private final MachinePlaceOptions place;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description =
                    "When the machine is killed: 2h, 1h30m, 90s, none. Default: 2h; of a sandbox with a name, none.")
    private Duration timeout;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            description = "When it is killed if nothing passes between it and the host, it reads and writes nothing, "
                    + "and hardly computes. Default: none; of a sandbox with a name, 1h, in which no command of "
                    + "construir sandbox exec runs either.")
    private Duration idleTimeout;

    @Option(
            names = "--disk",
            paramLabel = "SIZE",
            description = "The size of the disk on /job; free space takes no room. Default: ${DEFAULT-VALUE}.")
    private DataSize disk = Resources.DEFAULT.disk();

    /**
     * Creates options.
     *
     * @param surroundings what is set outside of the command
     * @param limits when a sandbox is killed, and when one that nobody uses, unless the command line says otherwise
     */
    SandboxCommandOptions(Environment surroundings, Limits limits) {
        timeout = limits.total();
        idleTimeout = limits.idle();
        place = new MachinePlaceOptions(surroundings, true);
    }

    /** Returns what machines run on. */
    MachinePlaceOptions place() {
        return place;
    }

    /**
     * Returns what a sandbox is like.
     *
     * @throws ConstruirException if a value is out of its range; the message names its option
     */
    SandboxOptions options(String name) throws ConstruirException {
        Limits total = OptionRange.check("--timeout", () -> ENDLESS.withTotal(timeout));
        Limits limits = OptionRange.check("--idle-timeout", () -> total.withIdle(idleTimeout));
        Resources given = place.machine().resources();
        Resources resources = OptionRange.check("--disk", () -> given.withDisk(disk));
        return OptionRange.check("NAME", () -> SandboxOptions.DEFAULT.withName(name))
                .withLimits(limits)
                .withResources(resources)
                .withNetwork(place.machine().network());
    }
}
