package dev.construir.command;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Suppresses messages that repeat: messages that differ only in their numbers are the same, and appear every ten
 * minutes. Used by one thread at a time.
 */
final class RepeatFilter {
    private static final Duration AGAIN = Duration.ofMinutes(10);
    private static final int KEPT = 100;

    private final Map<String, Instant> said = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
            return size() > KEPT;
        }
    };

    /** Returns whether a text must be shown now, and counts it as shown then. */
    boolean isNew(String text, Instant now) {
        String kind = text.replaceAll("[0-9.]+", "#");
        Instant last = said.get(kind);
        if (last != null && Duration.between(last, now).compareTo(AGAIN) < 0) {
            return false;
        }
        said.remove(kind);
        said.put(kind, now);
        return true;
    }

    /** Forgets what was said. */
    void forget() {
        said.clear();
    }
}
