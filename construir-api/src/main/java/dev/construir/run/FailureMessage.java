package dev.construir.run;

import dev.construir.text.TerminalSafeExcerpt;
import java.util.stream.Collectors;

/**
 * Says how a job failed: its outcome, and then the last words of those who may know why. A job that came to its own end
 * knows best itself; the console shows what happened to its machine.
 */
final class FailureMessage {
    private static final String OUTPUT = "\nthe end of what the job printed:\n";
    private static final String CONSOLE = "\nthe end of the machine's console:\n";

    private FailureMessage() {}

    static String of(JobResult result) {
        String head = result.outcome()
                .describe("job " + TerminalSafeExcerpt.of(result.job().name()));
        head += result.hints().stream().map(hint -> "; " + hint).collect(Collectors.joining());
        String output = section(OUTPUT, result.output().lastWords());
        String console = section(CONSOLE, result.console().lastWords());
        return head + (result.outcome().isConclusive() ? output + console : console + output);
    }

    /** Adds the end of the console, if anything was on it, to what is said of a machine that did not start. */
    static String withConsole(String message, OutputTail console) {
        return message + section(CONSOLE, console.lastWords());
    }

    private static String section(String title, TerminalSafeExcerpt words) {
        return words.isEmpty() ? "" : title + words.block();
    }
}
