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
import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark of sandboxes with next to nothing to do: what it tells, never how long anything took. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class BenchSandboxIT {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private int bench(String... options) throws IOException {
        Backends backends = Backends.onClassPath(List.of());
        return Program.execute(
                Main::command,
                terminal.streams(),
                new Environment(Optional.empty(), directory.resolve("cache"), directory.resolve("scratch")),
                backends,
                RunnerSource.on(backends),
                Stream.concat(
                                Stream.of(
                                        "sandbox",
                                        "--root",
                                        TestImages.find("tiny").toString()),
                                Stream.of(options))
                        .toArray(String[]::new));
    }

    @Test
    void report_hasTimesOfBothSidesAndLosses() throws IOException {
        Path json = directory.resolve("figures.json");
        assertThat(bench("--runs", "1", "--warm-up", "0", "--scale", "0.005", "--json", json.toString()))
                .as(terminal.err())
                .isZero();

        JsonObject report = new Gson().fromJson(Files.readString(json), JsonObject.class);
        JsonObject works = report.getAsJsonObject("works");
        assertThat(works.keySet())
                .containsExactlyElementsOf(Arrays.stream(SandboxWork.values())
                        .map(SandboxWork::toString)
                        .toList());
        for (String work : works.keySet()) {
            JsonObject figures = works.getAsJsonObject(work);
            assertThat(figures.get("ratio").getAsDouble()).as(work).isPositive();
            assertThat(terminal.out()).contains(figures.get("work").getAsString());
            assertThat(terminal.out()).contains(figures.get("reference").getAsString());
        }
        assertThat(report.getAsJsonArray("privateMebibytesOfForks"))
                .hasSize(2)
                .allSatisfy(size -> assertThat(size.getAsDouble()).isBetween(1.0, 200.0));
        JsonObject load = report.getAsJsonObject("load");
        assertThat(load.get("lostBytes").getAsLong()).isZero();
        assertThat(load.get("bytes").getAsLong()).isEqualTo(5 * 200_000);
        assertThat(load.getAsJsonObject("after").get("processes"))
                .isEqualTo(load.getAsJsonObject("before").get("processes"));
    }

    @Test
    void onlyWhatIsAskedForIsMeasured() throws IOException {
        Path json = directory.resolve("figures.json");
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("file"), "text");
        assertThat(bench(
                        "--only",
                        "copy-in",
                        "--tree",
                        tree.toString(),
                        "--runs",
                        "1",
                        "--warm-up",
                        "0",
                        "--scale",
                        "0.001",
                        "--json",
                        json.toString()))
                .as(terminal.err())
                .isZero();
        JsonObject report = new Gson().fromJson(Files.readString(json), JsonObject.class);
        assertThat(report.getAsJsonObject("works").keySet()).containsExactly("copy-in");
        assertThat(terminal.out()).contains("a tree of 1 files");
    }

    @Test
    void whatIsOutOfRangeIsSaid() throws IOException {
        assertThat(bench("--scale", "2")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("--scale 2.0");
    }
}
