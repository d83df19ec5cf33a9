package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.sandbox.Command;
import java.util.List;
import picocli.CommandLine.Option;

/** What a command in a sandbox runs with. */
final class ProcessOptions {
    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Sets a variable of the command's environment; without a value to what it is here. May be "
                    + "given again.")
    private List<String> variables = List.of();

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "The command's working directory in the sandbox. Default: /job.")
    private String directory = "";

    @Option(
            names = {"-u", "--user"},
            paramLabel = "NAME|UID[:GID]",
            description = "The command's user, as the sandbox knows users. Default: root.")
    private String user = "";

    /**
     * Sets all of it.
     *
     * @throws ConstruirException if a value cannot be
     */
    Command apply(Command command) throws ConstruirException {
        try {
            for (String variable : variables) {
                int equals = variable.indexOf('=');
                if (equals >= 0) {
                    command.env(variable.substring(0, equals), variable.substring(equals + 1));
                } else {
                    String here = System.getenv(variable);
                    if (here != null) {
                        command.env(variable, here);
                    }
                }
            }
            return command.user(user).directory(directory);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e);
        }
    }
}
