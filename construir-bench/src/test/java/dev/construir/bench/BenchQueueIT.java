package dev.construir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.construir.command.Backends;
import dev.construir.command.Program;
import dev.construir.command.RunnerSource;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark with next to nothing to do: what it tells, never how long anything took. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class BenchQueueIT {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private int bench(String... options) {
        List<String> arguments = new ArrayList<>(List.of("queue", "--jobs", "20", "--starts", "3"));
        arguments.addAll(List.of(options));
        Backends none = new Backends(List.of());
        return Program.execute(
                Main::command,
                terminal.streams(),
                new Environment(Optional.empty(), directory.resolve("cache"), directory.resolve("scratch")),
                none,
                RunnerSource.on(none),
                arguments.toArray(String[]::new));
    }

    @Test
    void report_hasBothSidesAndTheirRatio() throws IOException {
        Path json = directory.resolve("figures.json");
        assertThat(bench("--pairs", "2", "--json", json.toString()))
                .as(terminal.err())
                .isZero();
        JsonObject report = new Gson().fromJson(Files.readString(json), JsonObject.class);
        assertThat(report.get("jobs").getAsInt()).isEqualTo(20);
        for (String side : List.of("libraryMilliseconds", "bareMilliseconds")) {
            assertThat(report.getAsJsonObject(side).getAsJsonArray("all"))
                    .as(side)
                    .hasSize(2);
        }
        assertThat(report.getAsJsonObject("startMilliseconds").getAsJsonArray("all"))
                .hasSize(3);
        assertThat(report.get("ratio").getAsDouble()).isPositive();
        assertThat(terminal.out()).contains("20 jobs", "a bare loop", "rename into queue/ to machine asked for");
        try (Stream<Path> left = Files.walk(directory.resolve("scratch"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void refusesToMeasureNothing() {
        assertThat(bench("--jobs", "0")).isEqualTo(ExitCode.FAILED);
        assertThat(bench("--warm-up", "-1")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("there is nothing to measure");
    }
}
