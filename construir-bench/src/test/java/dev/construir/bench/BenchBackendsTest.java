package dev.construir.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.construir.command.Backends;
import dev.construir.command.BareDisk;
import dev.construir.command.Program;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmark does and tells, never how long anything took. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class BenchBackendsTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();
    private final List<String> used = new ArrayList<>();

    private int bench(int exitCode, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "backends",
                "--root",
                BareDisk.write(directory.resolve("root.img")).toString(),
                "--hypervisor",
                "other:there"));
        all.addAll(List.of(options));
        return Program.execute(
                Main::command,
                terminal.streams(),
                Environment.of(
                        Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty()),
                new Backends(List.of()),
                choice -> (job, listener) -> {
                    used.add(choice.hypervisor());
                    return JobResult.of(job, new Outcome.Exited(exitCode));
                },
                all.toArray(String[]::new));
    }

    @Test
    void bothRunInTurns() throws Exception {
        Path json = directory.resolve("figures.json");
        assertThat(bench(0, "--pairs", "2", "--warm-up", "1", "--json", json.toString()))
                .as(terminal.err())
                .isZero();
        assertThat(used).containsExactly("qemu", "other:there", "qemu", "other:there", "qemu", "other:there");
        assertThat(terminal.out()).contains("medians of 2 pairs after 1", "the whole run", "other:there", "difference");
        JsonObject whole = new Gson()
                .fromJson(Files.readString(json), JsonObject.class)
                .getAsJsonObject("milliseconds")
                .getAsJsonObject("the whole run");
        assertThat(whole.keySet()).containsExactlyInAnyOrder("base", "other", "differences");
        assertThat(whole.getAsJsonObject("differences").getAsJsonArray("all")).hasSize(2);
    }

    @Test
    void aFailureEndsIt() throws Exception {
        assertThat(bench(3, "--pairs", "2")).isEqualTo(125);
        assertThat(used).containsExactly("qemu");
    }

    @Test
    void nothingToMeasureIsSaid() throws Exception {
        assertThat(bench(0, "--pairs", "0")).isEqualTo(125);
        assertThat(terminal.err()).contains("there is nothing to measure");
    }
}
