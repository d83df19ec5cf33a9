package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExecutionSession;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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

    @Option(
            names = {"-i", "--interactive"},
            description = "Passes stdin on to the command. Without it the command reads nothing.")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Gives the command a terminal, with -i this one. Its bytes reach this terminal as they are.")
    private boolean terminal;

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
        ExecutionSession session = new ExecutionSession(streams, screen, interactive, terminal);
        return CancelOnSignal.ends(
                () -> session.hold((rows, columns, term) -> {
                    List<String> variables = new ArrayList<>(process.variables());
                    if (rows >= 0) {
                        variables.add("TERM=" + term);
                    }
                    return KeeperClient.start(
                            sandbox,
                            new KeeperClient.Exec(
                                    arguments,
                                    variables,
                                    process.user(),
                                    process.directory(),
                                    interactive,
                                    rows,
                                    columns));
                }),
                screen);
    }
}
