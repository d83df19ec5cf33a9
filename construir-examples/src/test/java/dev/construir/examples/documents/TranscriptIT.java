package dev.construir.examples.documents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.examples.documents.Transcript.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs what the README and the command's tutorial show, with real machines, and compares what it prints. */
@Timeout(900)
class TranscriptIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/tutorial/command.md"})
    void commands_ofTheDocument_printWhatItShows(String document) throws Exception {
        List<Step> steps = Transcript.of(Files.readString(HOME.resolve(document)));
        assertThat(steps).isNotEmpty();
        for (String name : List.of("construir", "construir-examples")) {
            Files.createSymbolicLink(directory.resolve(name), HOME.resolve(name));
        }
        for (Step step : steps) {
            assertThat(Transcript.normalise(run(step.script())))
                    .as("%s: %s", document, step.script())
                    .isEqualTo(Transcript.normalise(step.output()));
        }
    }

    private String run(String script) throws Exception {
        Path printed = directory.resolve(".printed"); // which ls does not show
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", script)
                .directory(directory.toFile())
                .redirectInput(new java.io.File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        shell.environment().put("CONSTRUIR_JARS_ARE_BUILT", "yes");
        Process process = shell.start();
        try {
            assertThat(process.waitFor(600, TimeUnit.SECONDS)).as(script).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(printed);
    }
}
