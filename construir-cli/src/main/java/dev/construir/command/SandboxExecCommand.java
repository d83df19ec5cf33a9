package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code construir sandbox exec}: a command in a sandbox with a name. */
@Command(
        name = "exec",
        description = {
            "Runs a command in an open sandbox. Streams and exit codes are those of construir exec. Options come before "
                    + "NAME; what follows it is the command's.",
            ""
        })
final class SandboxExecCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final StreamOptions attached = new StreamOptions();

    @Mixin
    private final ProcessOptions process = new ProcessOptions();

    @Mixin
    private final SandboxPlaceOption place;

    @Parameters(index = "0", paramLabel = "NAME", description = "The sandbox.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The program, and its arguments.")
    @SuppressWarnings("NullAway.Init")
    private List<String> command;

    SandboxExecCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.place = new SandboxPlaceOption(surroundings);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        NamedSandbox sandbox = place.of(name);
        List<String> arguments =
                command.get(0).equals("--") && command.size() > 1 ? command.subList(1, command.size()) : command;
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(
                () -> attached.session(streams, screen)
                        .hold((rows, columns, term) -> KeeperClient.start(
                                sandbox,
                                new KeeperClient.Exec(
                                        arguments,
                                        process.variables(term),
                                        process.user(),
                                        process.directory(),
                                        attached.interactive(),
                                        rows,
                                        columns))),
                screen);
    }
}
