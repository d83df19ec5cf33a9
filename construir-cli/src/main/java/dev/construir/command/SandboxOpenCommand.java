package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.Claim;
import dev.construir.command.sandbox.Keeper;
import dev.construir.command.sandbox.KeeperProcess;
import dev.construir.command.sandbox.KeeperSignal;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.image.RootImage;
import dev.construir.job.Limits;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code construir sandbox open}: opens a sandbox that stays when the command has ended. */
@Command(
        name = "open",
        description = {
            "Opens a machine that stays, and returns when it takes commands.",
            "",
            "It is kept by a process of its own, whose messages are in a log beside its socket. It stays until it is "
                    + "closed, or until for an hour no command of construir sandbox exec has run in it and it did "
                    + "nothing by itself either (--idle-timeout).",
            ""
        })
final class SandboxOpenCommand implements Callable<Integer> {
    private static final String KEEP = "--keep-here";
    static final Limits LIMITS = Limits.DEFAULT.withTotal(Limits.UNLIMITED).withIdle(Duration.ofHours(1));
    private static final int MOST_SAID = 64 << 10;

    private final Streams streams;
    private final RunnerSource runners;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "Its name, and its host name.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = KEEP,
            hidden = true,
            paramLabel = "LOG",
            description = "This is the process that keeps it, and its stderr is this file.")
    private @Nullable Path keeper;

    @Mixin
    private final SandboxCommandOptions options;

    @Mixin
    private final VerbosityOptions verbosity = new VerbosityOptions();

    SandboxOpenCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.runners = runners;
        this.options = new SandboxCommandOptions(surroundings, LIMITS);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        NamedSandbox place = NamedSandbox.forNew(options.place().scratch(), name);
        Screen screen = new Screen(streams);
        Path log = keeper;
        RunnerSource.Choice choice = options.place().choice(options.place().image());
        SandboxOptions wanted = options.options(name);
        return CancelOnSignal.ends(() -> log == null ? open(place, screen) : keep(place, choice, wanted, log), screen);
    }

    private int keep(NamedSandbox place, RunnerSource.Choice choice, SandboxOptions wanted, Path log)
            throws ConstruirException, IOException, InterruptedException {
        KeeperSignal opener = KeeperSignal.start(streams.keyboard().in(), streams.out(), Thread.currentThread());
        try (Keeper serving = new Keeper();
                Claim claim = Claim.of(place, log)) {
            RootImage image = choice.root();
            try (Runner runner = runners.open(choice);
                    Sandbox sandbox = SandboxOpening.open(runner, wanted, image, opener::status, verbosity)) {
                Keeper.Kept kept =
                        new Keeper.Kept(sandbox, image.name(), wanted.limits().idle());
                Optional<String> why = serving.serve(kept, claim, () -> {
                    streams.err().println("construir: the sandbox " + name + " is open");
                    opener.ready();
                });
                if (why.isPresent()) {
                    claim.ended(why.get());
                }
            } catch (InterruptedException e) {
                if (opener.isReady()) {
                    claim.ended("a signal ended its keeper");
                }
                throw e;
            }
            return 0;
        }
    }

    private int open(NamedSandbox place, Screen screen) throws ConstruirException, IOException, InterruptedException {
        place.checkFree();
        Path log = place.newLog();
        try (InputStream said = Files.newInputStream(log); // wherever the file goes
                KeeperProcess process = KeeperProcess.start(keeperCommand(log), log)) {
            screen.status("opening " + name);
            boolean opened = process.awaitReady(screen::status);
            screen.status("");
            if (opened) {
                return 0;
            }
            screen.say("the sandbox " + name + " could not be opened:");
            new String(said.readNBytes(MOST_SAID), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> screen.log(TerminalFilter.escape(line)));
            return ExitCode.FAILED;
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /** This command anew, in a session of its own, to keep the sandbox. */
    private List<String> keeperCommand(Path log) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", launcher()));
        command.addAll(spec.root().commandLine().getParseResult().originalArgs());
        command.add(command.indexOf(spec.name()) + 1, KEEP + "=" + log); // nothing but names is before that
        return command;
    }

    private static String launcher() throws IOException {
        String home = System.getProperty("construir.home");
        if (home == null) {
            throw new IOException("a sandbox with a name is opened by the launcher, which is not what started this");
        }
        return Path.of(home, "construir").toString();
    }
}
