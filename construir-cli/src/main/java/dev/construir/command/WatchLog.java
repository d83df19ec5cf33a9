package dev.construir.command;

import dev.construir.machine.Preparation;
import dev.construir.queue.QueueListener;
import dev.construir.queue.SilentWatcher;
import dev.construir.run.Outcome;
import dev.construir.run.RunEvent;
import dev.construir.terminal.Formats;
import dev.construir.terminal.LiveLine;
import dev.construir.terminal.Screen;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reports what happens to the jobs of a queue: a line for each when it has ended, a line for what is in the way, and on
 * a terminal a live line of those that wait and run. Safe for use by many threads.
 */
final class WatchLog implements QueueListener, LiveLine {
    private static final Duration RECOUNT = Duration.ofSeconds(2);

    private final Waiting queue;
    private final Supplier<List<SilentWatcher>> others;
    private final int attempts;
    private final Screen screen;
    private final InstantSource clock;
    private final boolean quiet;

    // by the clock's thread only
    private OptionalInt waiting = OptionalInt.empty();
    private Instant counted = Instant.EPOCH;

    // guarded by this
    private final Map<Thread, Running> running = new LinkedHashMap<>(); // by its worker: names may be there twice
    private final RepeatFilter said = new RepeatFilter();
    private int done;
    private int failed;
    private boolean stale = true; // the number of those that wait
    private boolean ended;

    /** Counts the jobs that wait. */
    @FunctionalInterface
    interface Waiting {
        /** Returns how many there are. */
        int count() throws IOException;
    }

    /**
     * A job that was claimed.
     *
     * @param waits whether its machine has to wait for others
     */
    private record Running(String job, int attempt, Instant since, boolean waits) {
        Running waiting(boolean now) {
            return new Running(job, attempt, since, now);
        }
    }

    /** What a line is about, by the word it begins with. */
    private enum About {
        /** A job came to its own end. */
        DONE,
        /** A job is put aside. */
        FAILED,
        /** A job is queued again, and an attempt less. */
        RETRY,
        /** A job is queued again as if nothing had been. */
        BACK,
        /** A job is another watcher's by now. */
        LOST,
        /** Something is in the way. */
        WAIT
    }

    /**
     * Creates a log.
     *
     * @param queue counts the jobs that wait
     * @param others finds watchers that have stopped
     * @param attempts how often a job is tried
     * @param screen where it is shown
     * @param clock what the time is
     * @param quiet whether jobs that came to their own end, and the live line, are left out
     */
    WatchLog(
            Waiting queue,
            Supplier<List<SilentWatcher>> others,
            int attempts,
            Screen screen,
            InstantSource clock,
            boolean quiet) {
        this.queue = queue;
        this.others = others;
        this.attempts = attempts;
        this.screen = screen;
        this.clock = clock;
        this.quiet = quiet;
    }

    @Override
    public synchronized void claimed(String job, int attempt) {
        stale = true;
        running.put(Thread.currentThread(), new Running(job, attempt, clock.instant(), false));
    }

    // On other threads than the worker's: of two jobs that have one name it does not matter which is meant.
    @Override
    public synchronized void ran(String job, RunEvent event) {
        if (event instanceof RunEvent.Waiting waiting) {
            mark(job, true);
            String why = job + ": waits for " + waiting.forWhat();
            if (said.isNew(why, clock.instant())) {
                screen.log(line(About.WAIT, why));
            }
        } else if (event instanceof RunEvent.Preparing preparing) {
            mark(job, false);
            Preparation work = preparing.work();
            boolean once = work.stage() == Preparation.Stage.BOOTING || work.stage() == Preparation.Stage.SAVING;
            String what = job
                    + (once ? ": waits for a warm start to be prepared, once: " : ": waits: ")
                    + Preparation.of(work.stage(), work.subject()).describe();
            if (said.isNew(what, clock.instant())) {
                screen.log(line(About.WAIT, what));
            }
        } else if (event instanceof RunEvent.Booting) {
            mark(job, false);
        }
    }

    private void mark(String job, boolean waits) {
        for (Map.Entry<Thread, Running> one : running.entrySet()) {
            if (one.getValue().job().equals(job) && one.getValue().waits() != waits) {
                one.setValue(one.getValue().waiting(waits));
                return;
            }
        }
    }

    @Override
    public synchronized void completed(String job, Outcome outcome, List<String> hints, Duration took) {
        boolean own = outcome.isConclusive();
        done += own ? 1 : 0;
        failed += own ? 0 : 1;
        said.forget(); // what was in the way is not any more
        report(own ? About.DONE : About.FAILED, job, outcome.describe() + figures(leave()) + about(hints));
    }

    @Override
    public synchronized void rejected(String job, String why) {
        failed++;
        report(About.FAILED, job, why + figures(leave()));
    }

    @Override
    public synchronized void failed(String job, String why) {
        Running left = leave();
        boolean last = left == null || left.attempt() >= attempts;
        failed += last ? 1 : 0;
        report(last ? About.FAILED : About.RETRY, job, why + figures(left));
    }

    @Override
    public synchronized void givenBack(String job, String why) {
        Running left = leave();
        if (said.isNew(job + ": " + why, clock.instant())) {
            report(About.BACK, job, why + figures(left));
        }
    }

    @Override
    public synchronized void lost(String job, String why) {
        report(About.LOST, job, why + figures(leave()));
    }

    @Override
    public synchronized void released(String job) {
        Running left = leave();
        if (left != null) { // its end was not reported
            report(About.BACK, job, "interrupted" + figures(left));
        }
    }

    @Override
    public synchronized void waiting(String why, Duration pause) {
        if (said.isNew(why, clock.instant())) {
            screen.log(line(About.WAIT, why));
        }
    }

    private static String about(List<String> hints) {
        return hints.stream().map(hint -> "; hint: " + hint).collect(Collectors.joining());
    }

    private @Nullable Running leave() {
        stale = true;
        return running.remove(Thread.currentThread());
    }

    private void report(About what, String job, String text) {
        if (!quiet || what != About.DONE) {
            screen.log(line(what, job + ": " + text));
        }
    }

    private String line(About what, String text) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS)
                + String.format(Locale.ROOT, " %-6s ", what.name().toLowerCase(Locale.ROOT))
                + TerminalFilter.escape(text);
    }

    private String figures(@Nullable Running of) {
        return of == null
                ? ""
                : " (" + Formats.span(Duration.between(of.since(), clock.instant())) + ", attempt " + of.attempt()
                        + ")";
    }

    @Override
    public boolean refresh(Instant now) {
        if (quiet) {
            return false;
        }
        if (isStale() || Duration.between(counted, now).compareTo(RECOUNT) >= 0) {
            counted = now;
            waiting = count(); // without the lock: many names take a while
        }
        List<SilentWatcher> silent = others.get();
        synchronized (this) {
            if (!ended) {
                List<String> jobs = running.values().stream()
                        .map(one -> QueueStatus.job(
                                one.job(), Duration.between(one.since(), now).toSeconds(), one.waits()))
                        .toList();
                screen.status(new QueueStatus(waiting, jobs, done, failed, silent).text(Screen.WIDTH));
            }
            return !ended;
        }
    }

    private synchronized boolean isStale() {
        boolean was = stale;
        stale = false;
        return was;
    }

    private OptionalInt count() {
        try {
            return OptionalInt.of(queue.count());
        } catch (IOException e) {
            return OptionalInt.empty(); // the thread that claims from it reports why
        }
    }

    @Override
    public synchronized void end() {
        ended = true;
        screen.status("");
    }

    /** Returns the sum. */
    synchronized String summary() {
        return done + " done, " + failed + " failed";
    }
}
