package dev.construir.report;

import dev.construir.DataSize;
import dev.construir.machine.Usage;
import dev.construir.run.Outcome;
import dev.construir.run.Timings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The fields of JSON documents that describe a run: sizes in bytes, durations in seconds. */
public final class RunFields {
    private RunFields() {}

    /** Returns the name of an outcome: {@code Exited} becomes {@code exited}. */
    public static String outcome(Outcome outcome) {
        String name = outcome.getClass().getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** Returns how long each phase took. */
    public static Map<String, Object> seconds(Timings timings) {
        Map<String, Object> seconds = new LinkedHashMap<>();
        seconds.put("queued", seconds(timings.queued()));
        seconds.put("preparing", seconds(timings.preparing()));
        seconds.put("booting", seconds(timings.booting()));
        seconds.put("job", seconds(timings.job()));
        seconds.put("shutdown", seconds(timings.shutdown()));
        return seconds;
    }

    /** Returns what the machine used. */
    public static Map<String, Object> usage(Usage usage) {
        Map<String, Object> used = new LinkedHashMap<>();
        used.put("cpuSeconds", seconds(usage.cpu()));
        usage.peakMemory().map(DataSize::bytes).ifPresent(bytes -> used.put("peakMemory", bytes));
        used.put("diskRead", usage.diskRead().bytes());
        used.put("diskWritten", usage.diskWritten().bytes());
        return used;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
