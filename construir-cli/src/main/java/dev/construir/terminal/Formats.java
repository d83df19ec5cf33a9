package dev.construir.terminal;

import java.time.Duration;
import java.util.Locale;

/** Formats numbers for messages. */
public final class Formats {
    private static final String UNITS = "KMGT";

    private Formats() {}

    /** Writes a time span: {@code 84 ms}, {@code 1.9 s}, {@code 2 min 5 s}. */
    public static String span(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", Math.floor(millis / 100.0) / 10.0);
        }
        long seconds = duration.toSeconds();
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }

    /** Writes a running time: {@code 0:07}, {@code 1:02:03}. */
    public static String clock(long seconds) {
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds % 3600 / 60, seconds % 60);
    }

    /** Writes an amount of bytes: {@code 512 bytes}, {@code 1.5 GiB}. */
    public static String bytes(long bytes) {
        double amount = bytes;
        int unit = -1;
        while (amount >= 1024 && unit < UNITS.length() - 1) {
            amount /= 1024;
            unit++;
        }
        return unit < 0
                ? bytes + (bytes == 1 ? " byte" : " bytes")
                : String.format(Locale.ROOT, "%.1f %ciB", amount, UNITS.charAt(unit));
    }
}
