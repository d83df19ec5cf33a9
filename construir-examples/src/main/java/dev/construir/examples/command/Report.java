package dev.construir.examples.command;

import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Says how a run ended.
 *
 * @param result the run's result
 * @param screen where it is said
 */
record Report(JobResult result, Screen screen) {
    private static final int CONSOLE_LINES = 20;

    /** Says the outcome and where the time went, and for what went wrong outside the job the end of the console. */
    void tell() {
        Outcome outcome = result.outcome();
        if (result.droppedOutput() > 0) {
            screen.say(
                    Texts.bytes(result.droppedOutput())
                            + " of the output came faster than they could be taken and are missing; the whole is in construir.log on the job disk");
        }
        if (!outcome.jobsOwn() && !(outcome instanceof Outcome.Cancelled)) {
            tellConsole();
        }
        screen.say(TerminalFilter.escape(result.job().name() + " " + outcome.describe()) + timings());
    }

    private void tellConsole() {
        String lines =
                TerminalFilter.plain(result.console().lastLines(CONSOLE_LINES)).strip();
        if (!lines.isEmpty()) {
            screen.say("the end of the machine's console:");
            lines.lines().filter(line -> !line.isBlank()).forEach(line -> screen.say("| " + line));
        }
    }

    private String timings() {
        Timings t = result.timings();
        List<String> parts = new ArrayList<>();
        add(parts, "waited", t.queued().toMillis() < 100 ? Duration.ZERO : t.queued());
        add(parts, "prepared", t.preparing());
        add(parts, "booted", t.booting());
        add(parts, "ran", t.job());
        add(parts, "shut down", t.shutdown());
        return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
    }

    private static void add(List<String> parts, String what, Duration time) {
        if (!time.isZero()) {
            parts.add(what + " " + Texts.span(time));
        }
    }
}
