package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.sandbox.Command;
import java.util.ArrayList;
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

    /** Returns the variables, {@code NAME=VALUE}. */
    List<String> variables() {
        List<String> set = new ArrayList<>();
        for (String variable : variables) {
            String here = variable.indexOf('=') >= 0 ? "" : System.getenv(variable);
            if (here != null) {
                set.add(variable.indexOf('=') >= 0 ? variable : variable + "=" + here);
            }
        }
        return set;
    }

    String user() {
        return user;
    }

    String directory() {
        return directory;
    }

    /**
     * Sets all of it.
     *
     * @throws ConstruirException if a value cannot be
     */
    Command apply(Command command) throws ConstruirException {
        try {
            for (String variable : variables()) {
                int equals = variable.indexOf('=');
                command.env(variable.substring(0, equals), variable.substring(equals + 1));
            }
            return command.user(user).directory(directory);
        } catch (IllegalArgumentException e) {
            throw new ConstruirException(String.valueOf(e.getMessage()), e);
        }
    }
}
