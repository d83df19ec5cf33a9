package dev.construir.queue;

import java.time.Duration;

/** How long to wait after something went wrong: longer every time, until something goes right. Used by one thread. */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private Duration next = FIRST;

    Duration next() {
        Duration pause = next;
        Duration twice = pause.multipliedBy(2);
        next = twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
        return pause;
    }

    void reset() {
        next = FIRST;
    }
}
