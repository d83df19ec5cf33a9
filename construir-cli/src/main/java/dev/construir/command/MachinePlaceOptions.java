package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.machine.Architecture;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import dev.construir.terminal.Environment;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What machines run on: their root image, their hypervisor, and the room that they have here. */
final class MachinePlaceOptions {
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
            description =
                    "Resumes the machine from a memory snapshot where that works. Default: what suits the command.")
    private boolean warm;

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

    /**
     * Creates options.
     *
     * @param surroundings what is set outside of the command
     * @param warm whether machines are resumed unless the command line says otherwise
     */
    MachinePlaceOptions(Environment surroundings, boolean warm) {
        this.surroundings = surroundings;
        this.scratch = surroundings.scratch();
        this.warm = warm;
    }

    /** Returns the options of the machine itself. */
    MachineOptions machine() {
        return machine;
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
