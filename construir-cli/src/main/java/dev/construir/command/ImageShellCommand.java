package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.disk.NewImage;
import dev.construir.image.RootImage;
import dev.construir.machine.Boot;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Preference;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.ConsoleSession;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code construir image shell}: a machine that boots an image without a job, with its console on the terminal. */
@Command(
        name = "shell",
        description = {
            "Boots a root image without a job and connects this terminal with its console.",
            "",
            "Images built here offer a login: root, with the password root; poweroff ends the machine. What is "
                    + "written to the disk is "
                    + "thrown away, unless --commit keeps it. All keys go to the guest, Ctrl-C too; Ctrl-] leaves "
                    + "and kills the machine.",
            "",
            "The console's bytes reach the terminal as they are, control sequences too: use it for images you "
                    + "trust that far.",
            "",
            "When stdin is no terminal, its bytes are typed as they come, and a guest that is not reading yet "
                    + "loses them, as it does those "
                    + "of a quick typist: wait for its prompts. When stdin ends, the machine has some time "
                    + "(--patience) to power off.",
            ""
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0      the guest powered off by itself",
            "  125    it did not, or something else failed",
            "  130    left by Ctrl-], or interrupted"
        })
final class ImageShellCommand implements Callable<Integer> {
    private final Streams streams;
    private final Backends backends;

    @Parameters(
            paramLabel = "IMAGE",
            description = "An image directory, or a disk with a boot loader. It is not changed.")
    @SuppressWarnings("NullAway.Init")
    private Path image;

    @Option(
            names = "--commit",
            paramLabel = "NEW",
            description =
                    "Keeps what was written as a new image, a directory or a disk as IMAGE is. It appears, whole, "
                            + "when the guest "
                            + "has powered off by itself, and not at all otherwise.")
    private @Nullable Path commit;

    @Mixin
    private final MachineOptions options = new MachineOptions();

    @Option(
            names = "--patience",
            paramLabel = "TIME",
            description = "How long the machine may take to power off when stdin has ended. Default: 1m.")
    private Duration patience = Duration.ofMinutes(1);

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where the machine lives while it runs. Default: ${DEFAULT-VALUE}.")
    private Path scratch;

    ImageShellCommand(Streams streams, Environment surroundings, Backends backends) {
        this.streams = streams;
        this.backends = backends;
        this.scratch = surroundings.scratch();
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        Screen screen = new Screen(streams);
        Path target = commit;
        return CancelOnSignal.ends(() -> target == null ? tryOut(screen) : commit(target, screen), screen);
    }

    private int tryOut(Screen screen) throws ConstruirException, IOException, InterruptedException {
        RootImage root = RootImage.at(image);
        return open(root, Disk.copyOnWrite(root.disk(), root.format()), "what is written is thrown away", screen);
    }

    private int commit(Path target, Screen screen) throws ConstruirException, IOException, InterruptedException {
        try (NewImage copy = NewImage.copyOf(image, target)) {
            RootImage root = copy.image();
            Disk disk = new Disk(root.disk(), root.format(), Disk.Access.READ_WRITE, Optional.empty(), true);
            int code = open(root, disk, "what is written is kept when the guest powers off", screen);
            if (code == 0) {
                copy.keep();
                screen.say("the new image is " + target);
            } else {
                screen.say("nothing is kept");
            }
            return code;
        }
    }

    private int open(RootImage root, Disk disk, String promise, Screen screen)
            throws ConstruirException, IOException, InterruptedException {
        MachineSpec spec = specify(root, disk);
        ConsoleSession session = new ConsoleSession(streams, screen, patience);
        ConsoleSession.Parting parting;
        try (Hypervisor backend = backends.create(options.hypervisor(), options.plugins(), scratch);
                Machine machine = backend.start(spec, session)) {
            MachineInfo info = machine.info();
            screen.say(TerminalFilter.escape(
                    "booting " + root.name() + " on " + info.hypervisor() + " (" + info.accelerator() + "): " + promise
                            + (streams.keyboard().isTerminal() ? "; Ctrl-] leaves and kills the machine" : "")));
            parting = session.hold(machine);
        } catch (UnsupportedOperationException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e);
        }
        screen.say(parting.what());
        return parting.exitCode();
    }

    private MachineSpec specify(RootImage root, Disk disk) throws ConstruirException {
        root.checkMemory(options.memory());
        return new MachineSpec(
                "construir-shell",
                root.architecture(),
                options.resources().cpus(),
                options.memory(),
                withoutWaiting(root.boot()),
                List.of(disk),
                options.network(),
                options.accelerator(),
                Preference.NEVER,
                CacheMode.WRITEBACK);
    }

    // There will be no job disk. Kernels that know nothing of it pass the word over.
    private static Boot withoutWaiting(Boot boot) {
        return boot instanceof Boot.Kernel kernel
                ? new Boot.Kernel(kernel.kernel(), kernel.initrd(), kernel.commandLine() + " construir.wait=0")
                : boot;
    }
}
