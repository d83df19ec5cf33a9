package dev.construir.bench;

import com.google.gson.GsonBuilder;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result of a benchmark: a table, and the same with every single time as JSON. */
final class BenchReport {
    private final Map<String, Object> facts = new LinkedHashMap<>();

    BenchReport(String benchmark) {
        facts.put("benchmark", benchmark);
        facts.put("java", Runtime.version().toString());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
    }

    /** Adds what only the JSON has. */
    BenchReport with(String name, Object value) {
        facts.put(name, value);
        return this;
    }

    /** Returns times as they are in the JSON, in milliseconds. */
    static Map<String, Object> times(Samples samples) {
        Map<String, Object> times = new LinkedHashMap<>();
        times.put("median", samples.median());
        times.put("p90", samples.quantile(0.9));
        times.put("all", samples.sorted());
        return times;
    }

    /** Prints the table, and writes the JSON if there is a file for it. */
    void give(Streams streams, String heading, TextTable table, @Nullable Path json) throws IOException {
        PrintStream out = new PrintStream(streams.out(), true, StandardCharsets.UTF_8);
        out.println(heading);
        table.lines().forEach(out::println);
        if (json != null) {
            Files.writeString(
                    json,
                    new GsonBuilder()
                                    .setPrettyPrinting()
                                    .disableHtmlEscaping()
                                    .create()
                                    .toJson(facts)
                            + "\n");
        }
    }
}
