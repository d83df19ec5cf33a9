package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.testing.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code service} has for init systems: the script of sysvinit really starts and stops a watcher, the unit is one
 * by systemd's own judgement.
 */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class WatchServiceIT {
    private static final Path SERVICE = Path.of("../construir-examples/service");

    @TempDir
    Path directory;

    private record Said(int status, String text) {}

    private static Said run(Map<String, String> environment, String... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), text);
    }

    private Said service(String action) throws Exception {
        Path defaults = directory.resolve("defaults");
        return run(
                Map.of("CONSTRUIR_WATCH_DEFAULTS", defaults.toString()),
                SERVICE.resolve("construir-watch.init").toAbsolutePath().toString(),
                action);
    }

    private void assertStatus(int status, String text) throws Exception {
        assertThat(service("status")).isEqualTo(new Said(status, "construir watch is " + text + "\n"));
    }

    private String log() throws IOException {
        Path file = directory.resolve("log");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    @Test
    void theScriptStartsTellsAndStops() throws Exception {
        Path pid = directory.resolve("pid");
        Files.write(
                directory.resolve("defaults"),
                List.of(
                        "CONSTRUIR=" + Launch.launcher(),
                        "DIRECTORY=" + directory.resolve("jobs"),
                        "OPTIONS='--jobs 2 --root " + TestImages.find("tiny") + " --scratch "
                                + directory.resolve("scratch") + "'",
                        "WATCH_USER=$(id -un)",
                        "GRACE=5",
                        "PIDFILE=" + pid,
                        "LOG=" + directory.resolve("log")));
        assertStatus(3, "not running");
        assertThat(service("start")).isEqualTo(new Said(0, ""));
        try {
            String first = Files.readString(pid);
            assertStatus(0, "running");
            assertThat(service("start")).isEqualTo(new Said(0, "")); // and there is no second one
            assertThat(Files.readString(pid)).isEqualTo(first);
            await().atMost(Duration.ofSeconds(60)).until(() -> log().contains("construir: serving "));
        } finally {
            assertThat(service("stop")).isEqualTo(new Said(0, ""));
        }
        assertThat(pid).doesNotExist();
        assertStatus(3, "not running");
        assertThat(service("stop")).isEqualTo(new Said(0, ""));
        assertThat(Launch.processesNaming(directory.toString())).isEmpty();
        assertThat(log())
                .contains("running jobs have 5.0 s to finish")
                .endsWith("construir: ended: 0 done, 0 failed\n");
        assertThat(service("anything").status()).isEqualTo(2);
    }

    @Test
    void whatACrashLeftIsToldAndStartsAnew() throws Exception {
        Files.write(
                directory.resolve("defaults"),
                List.of(
                        "WATCH_USER=$(id -un)",
                        "PIDFILE=" + Files.writeString(directory.resolve("pid"), "999999999\n")));
        assertStatus(1, "not running, but has left " + directory.resolve("pid"));
    }

    /** The paths are those of an installation: they are exchanged for what is here. */
    @Test
    void theUnitIsOneThatSystemdUnderstands() throws Exception {
        String unit = Files.readString(SERVICE.resolve("construir-watch.service"));
        assertThat(unit).contains("ExecStart=/opt/construir/construir watch ");
        Path here = directory.resolve("construir-watch.service");
        Files.writeString(
                here,
                unit.replace("/opt/construir/construir", Launch.launcher())
                        .replace("/opt/construir", directory.toString()));
        assertThat(run(Map.of(), "systemd-analyze", "verify", "--man=no", here.toString()))
                .isEqualTo(new Said(0, ""));
        Said security =
                run(Map.of(), "systemd-analyze", "security", "--offline=true", "--threshold=20", here.toString());
        assertThat(security.status()).as(security.text()).isZero(); // an exposure of 2.0 of 10 at most
    }
}
