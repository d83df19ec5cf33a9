package dev.construir.queue;

import dev.construir.text.ControlCharacters;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs why entries of the queue cannot be taken: once for each, and for a limited number. Not safe for use by many
 * threads.
 */
final class SkippedEntryLog {
    private static final Logger LOG = LoggerFactory.getLogger(SkippedEntryLog.class);
    private static final int MOST = 20;
    private static final int LONGEST = 500;

    private final Set<String> reported = new HashSet<>();

    void add(String name, String why) {
        if (reported.size() < MOST && reported.add(name)) {
            LOG.warn("{} stays in the queue and cannot be taken: {}", line(name), line(why));
            if (reported.size() == MOST) {
                LOG.warn(
                        "{} entries stay in the queue and cannot be taken; others are not listed until these are gone",
                        MOST);
            }
        }
    }

    /** Returns whether an entry was logged, or the limit is reached. */
    boolean knows(String name) {
        return reported.size() >= MOST || reported.contains(name);
    }

    /**
     * Returns a text that fits a line of the log: names of files may hold line feeds, and paths may have any length.
     */
    static String line(String text) {
        String line = ControlCharacters.escape(text, "\\x0a");
        return line.length() <= LONGEST
                ? line
                : line.substring(0, LONGEST / 2) + "..."
                        + line.substring(line.length() - LONGEST / 2); // the reason is last
    }

    /** Forgets what is not there any more. */
    void retain(Set<String> names) {
        reported.retainAll(names);
    }
}
