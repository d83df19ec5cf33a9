package dev.construir.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code construir help}: the help of any command, those of {@code image} too. */
@Command(
        name = "help",
        description = {"Shows the options of a command.", ""})
final class HelpCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "The command, for example: run, or: image shell. Default: construir itself.")
    private List<String> names = List.of();

    @Override
    public void run() {
        CommandLine command = spec.root().commandLine();
        for (String name : names) {
            CommandLine below = command.getSubcommands().get(name);
            if (below == null) {
                throw new ParameterException(command, CommandDefaults.noCommand(name, command));
            }
            command = below;
        }
        command.usage(command.getOut());
    }
}
