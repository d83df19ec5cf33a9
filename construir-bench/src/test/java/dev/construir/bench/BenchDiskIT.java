package dev.construir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.construir.ConstruirException;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark with next to nothing to do: what it tells, never how long anything took. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class BenchDiskIT {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private int bench(String... options) {
        List<String> arguments = new ArrayList<>(
                List.of("disk", "--scale", "0.0005", "--scratch", scratch().toString()));
        arguments.addAll(List.of(options));
        Backends none = new Backends(List.of());
        return Program.execute(
                Main::command,
                terminal.streams(),
                new Environment(Optional.empty(), directory.resolve("cache"), scratch()),
                none,
                RunnerSource.on(none),
                arguments.toArray(String[]::new));
    }

    private Path scratch() {
        return directory.resolve("scratch");
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> all = Files.walk(scratch())) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void report_hasBothSidesOfEveryWorkAndTheirRatio() throws IOException {
        Path json = directory.resolve("figures.json");
        assertThat(bench("--pairs", "3", "--warm-up", "1", "--json", json.toString()))
                .as(terminal.err())
                .isZero();

        JsonObject report = new Gson().fromJson(Files.readString(json), JsonObject.class);
        JsonObject works = report.getAsJsonObject("works");
        assertThat(works.keySet())
                .containsExactly("pack-small", "pack-big", "extract-small", "extract-big", "list", "cat-xz");
        assertThat(report.get("pairs").getAsInt()).isEqualTo(3);
        assertThat(report.getAsJsonObject("javaStartMilliseconds").get("median").getAsDouble())
                .isPositive();
        for (String name : works.keySet()) {
            JsonObject work = works.getAsJsonObject(name);
            double library = median(work, "libraryMilliseconds");
            double tool = median(work, "toolMilliseconds");
            assertThat(work.get("ratio").getAsDouble()).as(name).isEqualTo(library / tool);
            assertThat(work.get("peakHeapBytes").getAsLong())
                    .as(name)
                    .isBetween(1L, Runtime.getRuntime().maxMemory());
            assertThat(terminal.out().lines())
                    .as("the row of %s", name)
                    .filteredOn(line -> line.startsWith(work.get("work").getAsString() + " "))
                    .singleElement()
                    .asString()
                    .endsWith(work.get("reference").getAsString());
        }
        assertThat(terminal.out()).contains("3 pairs after 1", "Java starts in", "a heap of");
        assertThat(left()).isEmpty();
    }

    private static double median(JsonObject work, String side) {
        List<Double> all =
                Arrays.asList(new Gson().fromJson(work.getAsJsonObject(side).get("all"), Double[].class));
        assertThat(all)
                .as(side)
                .hasSize(3)
                .isSorted()
                .allSatisfy(time -> assertThat(time).isPositive());
        assertThat(work.getAsJsonObject(side).get("median").getAsDouble()).isEqualTo(all.get(1));
        return all.get(1);
    }

    @Test
    void measuresOnlyWhatIsNamed() {
        assertThat(bench("--pairs", "1", "--warm-up", "0", "--only", "list,pack-big"))
                .as(terminal.err())
                .isZero();
        assertThat(terminal.out()).contains("list 50 files", "pack one file").doesNotContain("extract");
    }

    @Test
    void anInterruptLeavesNothing() throws IOException {
        Thread.currentThread().interrupt();
        assertThat(bench()).isEqualTo(ExitCode.CANCELLED);
        assertThat(terminal.err()).contains("cancelled");
        assertThat(terminal.out()).isEmpty();
        assertThat(left()).isEmpty();
    }

    @Test
    void refusesWhatIsNoMeasurement() {
        assertThat(bench("--pairs", "0")).isEqualTo(ExitCode.FAILED);
        assertThat(bench("--warm-up", "-1")).isEqualTo(ExitCode.FAILED);
        assertThat(bench("--only", "sing")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("--pairs 0", "--warm-up -1", "extract-small", "sing");
    }

    @Test
    void aMissingToolIsNamedWithItsPackage() {
        assertThatThrownBy(() -> NativeTool.find("no-such-tool", "its-package"))
                .isInstanceOf(ConstruirException.class)
                .hasMessageContaining("no-such-tool is missing")
                .hasMessageContaining("apt-get install --no-install-recommends -y its-package");
    }

    @Test
    void aToolThatFailsIsQuoted() throws Exception {
        NativeTool debugfs = NativeTool.find("debugfs", "e2fsprogs");
        assertThatThrownBy(() -> debugfs.run(directory.resolve("said"), "--no-such-option"))
                .isInstanceOf(ConstruirException.class)
                .hasMessageContaining("debugfs --no-such-option ended with 1 and said: ")
                .hasMessageContaining("Usage");
    }

    @Test
    void workThatWasNotDoneIsNoticed() throws IOException {
        SampleTree tree = new SampleTree(4, 2, 1000);
        Path root = directory.resolve("tree");
        tree.make(root);
        tree.checkIn(root);
        Path file = root.resolve("directory1/file3");
        Files.write(file, new byte[999]);
        assertThatThrownBy(() -> tree.checkIn(root)).hasMessageEndingWith("has 3999 of 4000 bytes in its files");
        Files.delete(file);
        assertThatThrownBy(() -> tree.checkIn(root)).hasMessageEndingWith("has 3 of 4 files");
        Path listing = Files.writeString(directory.resolve("listing"), "12 file0\n13 file1\n14 .\n");
        assertThatThrownBy(() -> tree.checkListing(listing)).hasMessageEndingWith("has 2 of 4 files");
    }
}
