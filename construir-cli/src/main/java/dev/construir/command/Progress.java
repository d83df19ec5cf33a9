package dev.construir.command;

import dev.construir.machine.MachineInfo;
import dev.construir.machine.Preparation;
import dev.construir.run.RunEvent;
import dev.construir.run.RunListener;
import dev.construir.terminal.Formats;
import dev.construir.terminal.JobOutput;
import dev.construir.terminal.LiveLine;
import dev.construir.terminal.Screen;
import dev.construir.terminal.TerminalFilter;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of a run: a line for every phase, or on a terminal one live line with a clock. The job's output
 * goes on to {@link JobOutput}. Heard from one thread at a time.
 */
final class Progress implements RunListener, LiveLine {
    private static final int BRIEF = 100;

    private final String job;
    private final String image;
    private final Screen screen;
    private final JobOutput output;
    private final boolean quiet;

    // guarded by this
    private String phase;
    private Preparation.@Nullable Stage stage;
    private @Nullable Instant since;
    private boolean ended;

    Progress(String job, String image, Screen screen, JobOutput output, boolean quiet) {
        this.job = TerminalFilter.escape(job);
        this.image = TerminalFilter.escape(image);
        this.screen = screen;
        this.output = output;
        this.quiet = quiet;
        this.phase = "preparing " + this.job;
    }

    @Override
    public synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.Output printed) {
            output.add(printed.bytes());
        } else if (quiet) {
            return;
        } else if (event instanceof RunEvent.Queued) {
            enter("preparing " + job, event.at(), false);
        } else if (event instanceof RunEvent.Waiting waiting) {
            enter("waiting for " + TerminalFilter.escape(waiting.forWhat()), event.at(), true);
        } else if (event instanceof RunEvent.Preparing preparing) {
            prepare(preparing.work(), event.at());
        } else if (event instanceof RunEvent.Booting booting) {
            enter("booting " + image + " on " + describe(booting.machine()), event.at(), true);
        } else if (event instanceof RunEvent.JobStarted) {
            enter("running " + job, event.at(), true);
        } else if (event instanceof RunEvent.JobEnded) {
            enter("shutting down", event.at(), false);
        }
    }

    /** Writes the live line anew, with the time the phase has taken so far. Returns whether it is still of use. */
    @Override
    public synchronized boolean refresh(Instant now) {
        if (!ended && !quiet) {
            Instant from = since;
            long seconds = from == null ? 0 : Duration.between(from, now).toSeconds();
            screen.status(seconds < 1 ? phase : Formats.clock(seconds) + "  " + phase);
        }
        return !ended;
    }

    @Override
    public synchronized void end() {
        ended = true;
        screen.status("");
    }

    // On a terminal the line is only replaced: what a person must be able to read later is said at the end.
    private void enter(String next, Instant at, boolean worthALine) {
        phase = next;
        since = at;
        if (screen.isLive()) {
            refresh(at);
        } else if (worthALine) {
            screen.say(next);
        }
    }

    // The first warm start makes what later ones start from: a line for each stage, and on a terminal how far it is.
    private void prepare(Preparation work, Instant at) {
        String text = "preparing warm starts, once: " + TerminalFilter.escape(work.describe());
        if (work.stage() != stage) {
            stage = work.stage();
            enter(text, at, true);
        } else {
            phase = text;
            refresh(at);
        }
    }

    private static String describe(MachineInfo machine) {
        String warm = machine.warm()
                ? ", resumed from memory"
                : machine.whyNotWarm().map(why -> ", no warm start: " + why).orElse("");
        String reason = machine.acceleratorReason().isBlank() ? "" : ": " + brief(machine.acceleratorReason());
        String version = machine.version().split(" ", 2)[0]; // without the packager's own
        return TerminalFilter.escape(
                machine.hypervisor() + " " + version + " (" + machine.accelerator() + reason + brief(warm) + ")");
    }

    // construir doctor reports the rest.
    private static String brief(String reason) {
        String line = reason.lines().findFirst().orElse("");
        if (line.length() <= BRIEF) {
            return line;
        }
        int space = line.lastIndexOf(' ', BRIEF);
        return line.substring(0, space > 0 ? space : BRIEF) + " ...";
    }
}
