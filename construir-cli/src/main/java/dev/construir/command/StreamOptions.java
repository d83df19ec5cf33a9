package dev.construir.command;

import dev.construir.terminal.ExecutionSession;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import picocli.CommandLine.Option;

/** Which of this process's streams a command in a sandbox has. */
final class StreamOptions {
    @Option(
            names = {"-i", "--interactive"},
            description = "Passes stdin on to the command. Without it the command reads nothing.")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Gives the command a terminal, with -i this one. Its bytes reach this terminal as they are.")
    private boolean terminal;

    boolean interactive() {
        return interactive;
    }

    /** Returns what connects the command with them. */
    ExecutionSession session(Streams streams, Screen screen) {
        return new ExecutionSession(streams, screen, interactive, terminal);
    }
}
