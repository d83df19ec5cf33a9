package dev.construir.command.sandbox;

import dev.construir.sandbox.ExecutionEnd;
import dev.construir.terminal.ExitCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * How a request ended, in one line: a word, a number and a text.
 *
 * @param word what the number means
 * @param number an exit status, a signal, or the exit code of the command
 * @param text what the user reads, if anything
 */
record KeeperEnd(String word, int number, String text) {
    private static final String EXITED = "exited";
    private static final String SIGNALLED = "signalled";
    private static final String FAILED = "failed";

    static KeeperEnd of(ExecutionEnd end) {
        if (end instanceof ExecutionEnd.Exited exited) {
            return new KeeperEnd(EXITED, exited.code(), "");
        } else if (end instanceof ExecutionEnd.Signalled signalled) {
            return new KeeperEnd(SIGNALLED, signalled.signal(), "");
        }
        return new KeeperEnd(FAILED, end.exitCode(), end.describe());
    }

    static KeeperEnd done(String text) {
        return new KeeperEnd(EXITED, 0, text);
    }

    static KeeperEnd failed(String why) {
        return new KeeperEnd(FAILED, ExitCode.FAILED, why);
    }

    boolean isFailure() {
        return word.equals(FAILED);
    }

    ExecutionEnd toExecutionEnd() {
        return switch (word) {
            case EXITED -> new ExecutionEnd.Exited(number);
            case SIGNALLED -> new ExecutionEnd.Signalled(number);
            default -> new ExecutionEnd.Lost(text, true, Optional.empty());
        };
    }

    byte[] encode() {
        return (word + " " + number + " " + text).getBytes(StandardCharsets.UTF_8);
    }

    static KeeperEnd decode(byte[] bytes) {
        String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 3);
        return new KeeperEnd(parts[0], Integer.parseInt(parts[1]), parts[2]);
    }
}
