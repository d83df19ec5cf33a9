package dev.construir.command.sandbox;

import dev.construir.DataSize;
import dev.construir.run.Outcome;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.terminal.ExitCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How a request ended, in one line: a word, a number and a text.
 *
 * @param word what the number means
 * @param number an exit status, a signal, a limit, or the exit code of the command
 * @param text what the user reads, if anything
 */
record KeeperEnd(String word, long number, String text) {
    private static final String EXITED = "exited";
    private static final String SIGNALLED = "signalled";
    private static final String TIMED_OUT = "timed-out"; // by its own limit, in milliseconds
    private static final String TOO_MUCH_OUTPUT = "too-much-output"; // for its own limit, in bytes
    private static final String NOT_STARTED = "not-started";
    private static final String LOST = "lost"; // 1 if it may have run
    private static final String LOST_BY = "lost-by-"; // and the limit of the sandbox in lower case, in milliseconds
    private static final String LOST_BY_OUTPUT = LOST_BY + "output"; // in bytes
    private static final String FAILED = "failed";

    static KeeperEnd of(ExecutionEnd end) {
        if (end instanceof ExecutionEnd.Exited exited) {
            return new KeeperEnd(EXITED, exited.code(), "");
        } else if (end instanceof ExecutionEnd.Signalled signalled) {
            return new KeeperEnd(SIGNALLED, signalled.signal(), "");
        } else if (end instanceof ExecutionEnd.TimedOut late) {
            return new KeeperEnd(TIMED_OUT, late.limit().toMillis(), "");
        } else if (end instanceof ExecutionEnd.TooMuchOutput loud) {
            return new KeeperEnd(TOO_MUCH_OUTPUT, loud.limit().bytes(), "");
        } else if (end instanceof ExecutionEnd.NotStarted none) {
            return new KeeperEnd(NOT_STARTED, none.error(), none.why());
        } else if (end instanceof ExecutionEnd.Lost lost) {
            return of(lost);
        }
        throw new IllegalArgumentException("an unknown end: " + end);
    }

    private static KeeperEnd of(ExecutionEnd.Lost lost) {
        Outcome outcome = lost.outcome().orElse(null);
        if (outcome instanceof Outcome.TimedOut late) {
            return new KeeperEnd(
                    LOST_BY + late.which().name().toLowerCase(Locale.ROOT),
                    late.limit().toMillis(),
                    lost.why());
        } else if (outcome instanceof Outcome.TooMuchOutput loud) {
            return new KeeperEnd(LOST_BY_OUTPUT, loud.limit().bytes(), lost.why());
        }
        return new KeeperEnd(LOST, lost.mayHaveRun() ? 1 : 0, lost.why());
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

    /** Returns the end of a command. A request that failed is one that has started none. */
    ExecutionEnd toExecutionEnd() {
        return switch (word) {
            case EXITED -> new ExecutionEnd.Exited((int) number);
            case SIGNALLED -> new ExecutionEnd.Signalled((int) number);
            case TIMED_OUT -> new ExecutionEnd.TimedOut(Duration.ofMillis(number));
            case TOO_MUCH_OUTPUT -> new ExecutionEnd.TooMuchOutput(DataSize.ofBytes(number));
            case NOT_STARTED -> new ExecutionEnd.NotStarted((int) number, text);
            case LOST -> new ExecutionEnd.Lost(text, number == 1, Optional.empty());
            case LOST_BY_OUTPUT ->
                new ExecutionEnd.Lost(text, true, Optional.of(new Outcome.TooMuchOutput(DataSize.ofBytes(number))));
            default -> word.startsWith(LOST_BY) ? lostByTime() : new ExecutionEnd.NotStarted(0, text);
        };
    }

    private ExecutionEnd lostByTime() {
        Outcome.Limit which =
                Outcome.Limit.valueOf(word.substring(LOST_BY.length()).toUpperCase(Locale.ROOT));
        return new ExecutionEnd.Lost(text, true, Optional.of(new Outcome.TimedOut(which, Duration.ofMillis(number))));
    }

    byte[] encode() {
        return (word + " " + number + " " + text).getBytes(StandardCharsets.UTF_8);
    }

    static KeeperEnd decode(byte[] bytes) {
        String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", 3);
        return new KeeperEnd(parts[0], Long.parseLong(parts[1]), parts[2]);
    }
}
