package dev.construir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.testing.HostCommand;
import dev.construir.testing.TestImages;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A benchmark that is stopped ends its machines. */
@Timeout(240)
class BenchSignalIT {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalEndsItAndItsMachines(String signal) throws Exception {
        File said = directory.resolve("said").toFile();
        // Whoever runs the tests may have been started with SIGINT ignored, and Java passes that on.
        Process process = new ProcessBuilder(
                        "env",
                        "--default-signal=INT",
                        Path.of("bench").toAbsolutePath().toString(),
                        "cold",
                        "--root",
                        TestImages.find("tiny").toString())
                .redirectErrorStream(true)
                .redirectOutput(said)
                .start();
        try {
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> process.descendants().anyMatch(BenchSignalIT::isQemu));
            List<ProcessHandle> all = process.descendants().toList();
            HostCommand.run("/bin/kill", "-" + signal, Long.toString(process.pid()));
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(said.toPath())).isEqualTo(130);
            assertThat(Files.readString(said.toPath())).endsWith("construir: cancelled\n");
            assertThat(all).noneMatch(ProcessHandle::isAlive);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static boolean isQemu(ProcessHandle process) {
        return process.info()
                .command()
                .filter(name -> name.contains("qemu-system"))
                .isPresent();
    }
}
