package dev.construir.command;

import dev.construir.queue.SilentWatcher;
import dev.construir.terminal.Formats;
import dev.construir.terminal.TerminalFilter;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * How a queue is getting on, in one line.
 *
 * @param waiting how many jobs wait, if that is known
 * @param running the jobs that run
 * @param done how many were done
 * @param failed how many have failed
 * @param stopped other watchers of the queue that have stopped
 */
record QueueStatus(OptionalInt waiting, List<String> running, int done, int failed, List<SilentWatcher> stopped) {
    private static final int LONGEST_NAME = 24;
    private static final String CUT = "...";

    /**
     * Writes a job: its name, as much as there is room for, for how long it has been claimed, and whether its machine
     * waits for others.
     */
    static String job(String name, long seconds, boolean waits) {
        String shown = TerminalFilter.escape(name);
        return (shown.length() > LONGEST_NAME ? shown.substring(0, LONGEST_NAME - CUT.length()) + CUT : shown) + " "
                + Formats.clock(Math.max(0, seconds)) + (waits ? " (waits)" : "");
    }

    /** Returns the line; of the jobs that run as many are in it as fit, and the number of the rest. */
    String text(int width) {
        String before = (waiting.isPresent() ? waiting.getAsInt() : "?") + " waiting, " + running.size() + " running";
        String after = "; " + done + " done, " + failed + " failed" + stoppedOnes();
        int room = width - before.length() - after.length();
        String jobs = "";
        for (int shown = 1; shown <= running.size(); shown++) {
            String more = jobs(shown);
            if (more.length() <= room) {
                jobs = more;
            }
        }
        return before + jobs + after;
    }

    /** Names the one that has waited longest, and counts the others. */
    private String stoppedOnes() {
        return stopped.stream()
                .max(Comparator.comparing(SilentWatcher::silent))
                .map(one -> "; pid " + one.pid() + " stopped "
                        + Formats.clock(one.silent().toSeconds())
                        + (stopped.size() == 1 ? "" : " +" + (stopped.size() - 1)))
                .orElse("");
    }

    private String jobs(int shown) {
        int rest = running.size() - shown;
        return ": " + String.join(", ", running.subList(0, shown)) + (rest == 0 ? "" : " +" + rest);
    }
}
