package dev.construir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.construir.command.Backends;
import dev.construir.command.Program;
import dev.construir.command.RunnerSource;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import dev.construir.testing.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks of machines, with as few rounds as there can be. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class BenchMachinesIT {
    @TempDir
    Path directory;

    private JsonObject bench(String benchmark, String... options) throws Exception {
        Terminal terminal = Terminal.files();
        Path json = directory.resolve("figures.json");
        Backends backends = Backends.onClassPath(List.of());
        List<String> words = Stream.concat(
                        Stream.of(benchmark, "--root", TestImages.find("tiny").toString()),
                        Stream.concat(Stream.of("--json", json.toString()), Stream.of(options)))
                .toList();
        int status = Program.execute(
                Main::command,
                terminal.streams(),
                new Environment(Optional.empty(), directory.resolve("cache"), directory.resolve("scratch")),
                backends,
                RunnerSource.on(backends),
                words.toArray(String[]::new));
        assertThat(status).as(terminal.err()).isZero();
        JsonObject figures = new Gson().fromJson(Files.readString(json), JsonObject.class);
        figures.getAsJsonObject("milliseconds")
                .keySet()
                .forEach(row -> assertThat(terminal.out()).contains(row));
        return figures;
    }

    private static double median(JsonObject figures, String row) {
        return figures.getAsJsonObject("milliseconds")
                .getAsJsonObject(row)
                .get("median")
                .getAsDouble();
    }

    @Test
    void cold() throws Exception {
        JsonObject figures = bench("cold", "--runs", "1", "--warm-up", "0");
        double whole = median(figures, "run()");
        assertThat(median(figures, "hypervisor process")).isPositive().isLessThan(whole);
        assertThat(median(figures, "booting")).isPositive().isLessThan(whole);
    }

    @Test
    void warm() throws Exception {
        JsonObject figures = bench("warm", "--runs", "1", "--warm-up", "0", "--jobs", "1");
        double whole = median(figures, "resumed, whole: run()");
        assertThat(median(figures, "until resumed: run()")).isPositive().isLessThan(whole);
        assertThat(median(figures, "resumed, whole: script")).isPositive();
        assertThat(median(figures, "until the job: kept ready")).isPositive();
        assertThat(median(figures, "resumed: preparing: state")).isPositive().isLessThan(whole);
        assertThat(median(figures, "1 jobs, resumed")).isPositive();
        JsonObject memory = figures.getAsJsonObject("privateMebibytes");
        assertThat(memory.get("resumed, paused").getAsDouble())
                .isPositive()
                .isLessThan(memory.get("booted, idle").getAsDouble());
    }
}
