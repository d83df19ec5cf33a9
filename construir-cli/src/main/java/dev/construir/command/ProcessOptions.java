package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.sandbox.Command;
import dev.construir.terminal.ExecutionSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
     * Returns the variables and their values.
     *
     * @param term what kind of terminal there is, unless the options say otherwise; empty if there is none
     */
    Map<String, String> variables(String term) {
        Map<String, String> set = new LinkedHashMap<>();
        if (!term.isEmpty()) {
            set.put("TERM", term);
        }
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            String name = equals < 0 ? variable : variable.substring(0, equals);
            String value = equals < 0 ? System.getenv(variable) : variable.substring(equals + 1);
            if (value != null) {
                set.put(name, value);
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
     * Returns what starts a command with all of it.
     *
     * @param command the command
     */
    ExecutionSession.Start start(Command command) {
        return (rows, columns, term) -> {
            try {
                if (rows >= 0) {
                    command.terminal(rows, columns);
                }
                return command.env(variables(term))
                        .user(user)
                        .directory(directory)
                        .start();
            } catch (IllegalArgumentException e) {
                throw new ConstruirException(String.valueOf(e.getMessage()), e);
            }
        };
    }
}
