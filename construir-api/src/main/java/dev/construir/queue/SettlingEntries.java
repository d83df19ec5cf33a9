package dev.construir.queue;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Entries of the queue's directory that must stay unchanged for a while, by a monotonic clock. Not safe for use by many
 * threads.
 */
final class SettlingEntries {
    /**
     * What is known of one.
     *
     * @param since when it was first seen as it is
     * @param first when it was first seen
     */
    private record Seen(Inbox.EntryStamp stamp, long since, long first) {}

    private final Map<String, Seen> entries = new HashMap<>();
    private final long nanos;

    SettlingEntries(long nanos) {
        this.nanos = nanos;
    }

    /** Records an entry's state. Returns whether it has been unchanged for long enough. */
    boolean hasSettled(String name, Inbox.EntryStamp stamp) {
        long now = System.nanoTime();
        Seen before = entries.get(name);
        if (before == null || !before.stamp().equals(stamp)) {
            entries.put(name, new Seen(stamp, now, before == null ? now : before.first()));
            return false;
        }
        return now - before.since() >= nanos;
    }

    /** Returns for how many nanoseconds an entry has not settled. */
    long unsettled(String name) {
        Seen seen = entries.get(name);
        return seen == null ? 0 : seen.since() - seen.first();
    }

    void forget(String name) {
        entries.remove(name);
    }

    void retain(Collection<String> names) {
        entries.keySet().retainAll(names);
    }

    /** Returns the names of those that should have settled by now. */
    List<String> due(long now) {
        return entries.entrySet().stream()
                .filter(entry -> now - entry.getValue().since() >= nanos)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns how long it takes until one should have settled, or the longest time if there is none. */
    long untilDue(long now) {
        return entries.values().stream()
                .mapToLong(seen -> seen.since() + nanos - now)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
