package dev.construir.command;

import dev.construir.machine.Usage;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Timings;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Screen;
import dev.construir.terminal.TerminalFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Says how a run ended.
 *
 * @param result the run's result
 * @param screen where it is said
 * @param quiet whether a success is not said
 */
record Report(JobResult result, Screen screen, boolean quiet) {

    /** Says the outcome, where the time went and what was used, and for what went wrong the end of the console. */
    void print() {
        Outcome outcome = result.outcome();
        if (result.droppedOutput() > 0) {
            screen.say(Formats.bytes(result.droppedOutput())
                    + " of the output came faster than they could be taken and are missing; the whole is "
                    + "in construir.log on the job disk");
        }
        if (!outcome.isSuccess() && !(outcome instanceof Outcome.Cancelled)) {
            tellConsole(result.console().excerpt());
        }
        if (quiet && outcome.isSuccess()) {
            return;
        }
        result.hints().forEach(hint -> screen.say("hint: " + hint));
        screen.say(TerminalFilter.escape(outcome.describe(result.job().name())) + figures());
    }

    // A job that came to its own end has said why, on stdout. There the console matters only if the kernel spoke
    // meanwhile, of memory that ran out for example.
    private void tellConsole(List<String> lines) {
        List<String> lastLines = result.outcome().isConclusive() ? duringTheJob(lines) : lines;
        if (!lastLines.isEmpty()) {
            screen.say("the end of the machine's console:");
            lastLines.forEach(line -> screen.say("| " + line));
        }
    }

    private List<String> duringTheJob(List<String> lines) {
        int started = lines.lastIndexOf("construir: started " + result.runId());
        int ended = lines.lastIndexOf("construir: ended " + result.runId());
        return lines.subList(started + 1, ended > started ? ended : lines.size()).stream()
                .filter(line -> !line.equals("construir: failed " + result.runId())) // which only announces a sandbox
                .toList();
    }

    private String figures() {
        List<String> groups = new ArrayList<>();
        add(groups, timings(result.timings()));
        add(groups, usage(result.usage()));
        return groups.isEmpty() ? "" : " (" + String.join("; ", groups) + ")";
    }

    private static void add(List<String> groups, List<String> parts) {
        if (!parts.isEmpty()) {
            groups.add(String.join(", ", parts));
        }
    }

    private static List<String> timings(Timings t) {
        List<String> parts = new ArrayList<>();
        add(parts, "waited", t.queued().toMillis() < 100 ? Duration.ZERO : t.queued());
        add(parts, "prepared", t.preparing());
        add(parts, "booted", t.booting());
        add(parts, "ran", t.job());
        add(parts, "shut down", t.shutdown());
        return parts;
    }

    private static void add(List<String> parts, String what, Duration time) {
        if (!time.isZero()) {
            parts.add(what + " " + Formats.span(time));
        }
    }

    private static List<String> usage(Usage usage) {
        if (usage.equals(Usage.NONE)) {
            return List.of();
        }
        List<String> parts = new ArrayList<>();
        parts.add(Formats.span(usage.cpu()) + " of processor");
        usage.peakMemory().ifPresent(peak -> parts.add(Formats.bytes(peak.bytes()) + " of memory at most"));
        parts.add("read " + Formats.bytes(usage.diskRead().bytes()));
        parts.add("wrote " + Formats.bytes(usage.diskWritten().bytes()));
        return parts;
    }
}
