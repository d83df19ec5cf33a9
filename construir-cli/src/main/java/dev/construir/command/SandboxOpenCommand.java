package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.Keeper;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.image.RootImage;
import dev.construir.job.Limits;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
            "It is kept by a process of its own, whose messages are in a log beside its socket.",
            ""
        })
final class SandboxOpenCommand implements Callable<Integer> {
    private static final String READY = "ready";
    static final Limits LIMITS = Limits.DEFAULT.withTotal(Limits.UNLIMITED).withIdle(Duration.ofHours(1));

    private final Streams streams;
    private final RunnerSource runners;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "Its name, and its host name.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--keep-here", hidden = true, description = "This is the process that keeps it.")
    private boolean keeper;

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
        NamedSandbox place = NamedSandbox.of(options.place().scratch(), name);
        Screen screen = new Screen(streams);
        RootImage image = options.place().image();
        return CancelOnSignal.ends(() -> keeper ? keep(place, image, screen) : open(place, screen), screen);
    }

    private int keep(NamedSandbox place, RootImage image, Screen screen)
            throws ConstruirException, IOException, InterruptedException {
        try (Runner runner = runners.open(options.place().choice(image));
                Sandbox sandbox = SandboxOpening.open(runner, options.options(name), image, screen, verbosity)) {
            Keeper.serve(sandbox, image.name(), place, () -> {
                streams.err().println("construir: the sandbox " + name + " is open");
                try {
                    streams.out().write((READY + "\n").getBytes(StandardCharsets.US_ASCII));
                    streams.out().flush();
                } catch (IOException e) {
                    streams.err().println("construir: nobody waits for it any more");
                }
            });
            return 0;
        } finally {
            place.remove();
        }
    }

    private int open(NamedSandbox place, Screen screen) throws ConstruirException, IOException, InterruptedException {
        place.claim();
        boolean opened = false;
        Process process = start(place);
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            screen.status("opening " + name);
            opened = READY.equals(said.readLine());
            screen.status("");
            if (opened) {
                return 0;
            }
            int unused = process.waitFor();
            screen.say("the sandbox " + name + " could not be opened:");
            if (Files.exists(place.log())) {
                Files.readAllLines(place.log()).forEach(line -> screen.log(TerminalFilter.escape(line)));
            }
            return ExitCode.FAILED;
        } finally {
            if (!opened) {
                process.destroy();
                place.remove();
            }
        }
    }

    /** Starts this command anew, in a session of its own, to keep the sandbox. */
    private Process start(NamedSandbox place) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", launcher()));
        command.addAll(spec.root().commandLine().getParseResult().originalArgs());
        command.add("--keep-here");
        return new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(place.log().toFile())
                .start();
    }

    private static String launcher() throws IOException {
        String home = System.getProperty("construir.home");
        if (home == null) {
            throw new IOException("a sandbox with a name is opened by the launcher, which is not what started this");
        }
        return Path.of(home, "construir").toString();
    }
}
