package dev.construir.run;

import dev.construir.job.Limits;
import java.time.Duration;
import java.util.Locale;

/** Formats durations for messages. */
final class Durations {
    private Durations() {}

    static String format(Duration duration) {
        if (duration.compareTo(Limits.UNLIMITED) >= 0) {
            return "unlimited";
        }
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + "ms";
        }
        return duration.toString().substring(2).toLowerCase(Locale.ROOT); // PT1H30M -> 1h30m
    }
}
