package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.disk.write.PackOptions;
import dev.construir.image.RootImage;
import dev.construir.job.Limits;
import dev.construir.job.Resources;
import dev.construir.machine.Architecture;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import dev.construir.terminal.Environment;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that runs jobs: what they run on, and when they are killed. */
final class JobOptions {
    private final Environment surroundings;

    @Option(
            names = "--root",
            paramLabel = "IMAGE",
            description = "What the machine boots: an image directory, or a disk with a boot loader. "
                    + "Default: the Debian image of the architecture, built at its first use.")
    private @Nullable Path root;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "The machine's architecture: x86_64 (amd64) or aarch64 (arm64), which is emulated where the "
                    + "host has another. "
                    + "Default: what --root is made for, or else x86_64.")
    private @Nullable Architecture architecture;

    @Mixin
    private final MachineOptions machine = new MachineOptions();

    @Option(
            names = "--warm",
            negatable = true,
            fallbackValue = "true",
            description = "Resumes the machine from a memory snapshot where that works.")
    private boolean warm;

    @Option(
            names = {"-t", "--timeout"},
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

    @Option(
            names = "--budget",
            paramLabel = "LIMITS",
            description = "What all machines of this user may have at once, those of other commands among them: "
                    + "machines=N, memory=SIZE, cpus=N, "
                    + "with commas between them, or none. A machine that does not fit in waits. Default: "
                    + "any number of machines, "
                    + "three quarters of the memory of the host or of this control group, and twice the "
                    + "host's processors.")
    private BudgetLimits budget = BudgetLimits.DEFAULT;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where disks and machines live while they are in use. Default: ${DEFAULT-VALUE}.")
    private Path scratch;

    JobOptions(Environment surroundings) {
        this.surroundings = surroundings;
        this.scratch = surroundings.scratch();
    }

    /** Returns what machines boot. */
    RootImage image() throws ConstruirException {
        if (root == null) {
            return RootImage.in(surroundings.debian(architecture == null ? Architecture.X86_64 : architecture));
        }
        RootImage image = RootImage.at(root);
        if (architecture != null && architecture != image.architecture()) {
            throw new ConstruirException("--arch wants a machine of " + name(architecture) + ", and the root image "
                    + root + " is made for " + name(image.architecture())
                    + "; leave out --arch, or name another image, or none for Debian");
        }
        return image;
    }

    private static String name(Architecture architecture) {
        return architecture.name().toLowerCase(Locale.ROOT);
    }

    /** Returns where disks and machines live while they are in use. */
    Path scratch() {
        return scratch;
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
        Resources given = machine.resources();
        Resources resources = OptionRange.check("--disk", () -> given.withDisk(disk));
        return new JobDefaults(limits, resources, machine.network());
    }

    /** Returns how a directory is made a disk. */
    PackOptions packing() throws ConstruirException {
        if (inodes < 0) {
            throw new ConstruirException("--inodes takes a number from 1 on, not " + inodes);
        }
        return PackOptions.DEFAULT.withInodes(inodes);
    }

    /** Returns what a runner is made by. */
    RunnerSource.Choice choice(RootImage image) throws ConstruirException {
        image.checkMemory(machine.memory());
        return new RunnerSource.Choice(
                machine.hypervisor(),
                machine.plugins(),
                image,
                machine.accelerator(),
                warm ? Preference.PREFER : Preference.NEVER,
                0,
                budget,
                scratch);
    }

    /** Opens a place for what the command itself keeps while it runs. */
    Scratch openScratch() throws ConstruirException {
        try {
            return Scratch.open(scratch.resolve("command"), leftover -> {});
        } catch (IOException e) {
            throw new ConstruirException(
                    "the scratch directory " + scratch + " cannot be used: " + Reason.of(e)
                            + "; name another one with --scratch",
                    e);
        }
    }
}
