package dev.construir.examples.command;

import java.util.List;
import java.util.OptionalInt;

/**
 * How a queue is getting on, in one line.
 *
 * @param waiting how many jobs wait, if that is known
 * @param running the jobs that run
 * @param done how many were done
 * @param failed how many have failed
 */
record QueueStatus(OptionalInt waiting, List<String> running, int done, int failed) {
    private static final int LONGEST_NAME = 24;
    private static final String CUT = "...";

    /** Writes a job that runs: its name, as much as there is room for, and for how long it has been running. */
    static String job(String name, long seconds) {
        String shown = TerminalFilter.escape(name);
        return (shown.length() > LONGEST_NAME ? shown.substring(0, LONGEST_NAME - CUT.length()) + CUT : shown) + " "
                + Texts.clock(Math.max(0, seconds));
    }

    /** Returns the line; of the jobs that run as many are in it as fit, and the number of the rest. */
    String text(int width) {
        String before = (waiting.isPresent() ? waiting.getAsInt() : "?") + " waiting, " + running.size() + " running";
        String after = "; " + done + " done, " + failed + " failed";
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

    private String jobs(int shown) {
        int rest = running.size() - shown;
        return ": " + String.join(", ", running.subList(0, shown)) + (rest == 0 ? "" : " +" + rest);
    }
}
