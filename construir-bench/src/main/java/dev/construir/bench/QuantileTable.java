package dev.construir.bench;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Times in milliseconds, as a table and as JSON. */
final class QuantileTable {
    private final Map<String, Samples> rows = new LinkedHashMap<>();

    /** Adds a row; one without samples is not known. */
    void add(String name, Samples samples) {
        rows.put(name, samples);
    }

    /** Adds what is known of a time. */
    <T> void add(String name, List<T> measured, Function<T, Optional<Duration>> time) {
        add(
                name,
                Samples.of(measured.stream()
                        .flatMap(one -> time.apply(one).stream())
                        .map(QuantileTable::millis)
                        .toList()));
    }

    /** Adds the parts of runs. */
    void addPhases(String prefix, List<EmptyRun> runs) {
        add(prefix + "preparing", runs, run -> Optional.of(run.timings().preparing()));
        add(prefix + "booting", runs, run -> Optional.of(run.timings().booting()));
        add(prefix + "job", runs, run -> Optional.of(run.timings().job()));
        add(prefix + "shutting down", runs, run -> Optional.of(run.timings().shutdown()));
    }

    double median(String name) {
        return rows.getOrDefault(name, Samples.of(List.of())).median();
    }

    TextTable text() {
        TextTable table = new TextTable("", "median", "p90", "min", "max");
        rows.forEach((name, samples) -> {
            if (samples.sorted().isEmpty()) {
                table.add(name, "not known");
            } else {
                table.add(
                        name,
                        text(samples.median()),
                        text(samples.quantile(0.9)),
                        text(samples.quantile(0)),
                        text(samples.quantile(1)));
            }
        });
        return table;
    }

    Map<String, Object> json() {
        Map<String, Object> millis = new LinkedHashMap<>();
        rows.forEach((name, samples) -> {
            if (!samples.sorted().isEmpty()) {
                millis.put(name.strip(), BenchReport.times(samples));
            }
        });
        return millis;
    }

    static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }

    static String text(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
