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
class BenchXzIT {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private int bench(String... options) {
        Path scratch = directory.resolve("scratch");
        List<String> arguments = new ArrayList<>(
                List.of("xz", "--scale", "0.002", "--pairs", "1", "--warm-up", "0", "--scratch", scratch.toString()));
        arguments.addAll(List.of(options));
        Backends none = new Backends(List.of());
        return Program.execute(
                Main::command,
                terminal.streams(),
                new Environment(Optional.empty(), directory.resolve("cache"), scratch),
                none,
                RunnerSource.on(none),
                arguments.toArray(String[]::new));
    }

    @Test
    void report_hasTimesAndSizesOfBothSides() throws IOException {
        Path json = directory.resolve("figures.json");
        assertThat(bench("--block-size", "256K", "--preset", "0", "--digests", "--json", json.toString()))
                .as(terminal.err())
                .isZero();

        JsonObject report = new Gson().fromJson(Files.readString(json), JsonObject.class);
        assertThat(report.get("benchmark").getAsString()).isEqualTo("xz");
        JsonObject works = report.getAsJsonObject("works");
        assertThat(works.keySet()).containsExactly("files", "built", "sparse");
        for (String work : works.keySet()) {
            JsonObject figures = works.getAsJsonObject(work);
            assertThat(figures.get("ratio").getAsDouble()).isPositive();
            assertThat(figures.get("librarySize").getAsLong()).isPositive();
            assertThat(figures.get("toolSize").getAsLong()).isPositive();
            assertThat(figures.get("reference").getAsString()).startsWith("xz -T");
        }
        JsonObject files = works.getAsJsonObject("files");
        assertThat(files.get("sizeRatio").getAsDouble()).isBetween(0.9, 1.1);
        assertThat(works.getAsJsonObject("built").get("librarySize").getAsLong())
                .as("a disk without what was deleted")
                .isLessThan(works.getAsJsonObject("built").get("toolSize").getAsLong());
        assertThat(terminal.out()).contains("1 GB with 400 MB of files").contains("xz -T");
        try (Stream<Path> left = Files.walk(directory.resolve("scratch"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void whatIsOutOfRangeIsSaid() {
        assertThat(bench("--preset", "12")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("presets from 0 to 9, and no 12");
    }
}
