package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command with a script in place of the builder's; an interrupt stands for a signal, as it does in the command. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ImageBuildTest {
    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private FutureTask<Integer> build(String script) throws Exception {
        Path home = directory.resolve("checkout");
        Files.writeString(
                Files.createDirectories(home.resolve("src-test-images")).resolve("build"), script);
        Backends none = new Backends(List.of());
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.of(home));
        return new FutureTask<>(
                () -> Main.execute(terminal.streams(), surroundings, none, RunnerSource.on(none), "image", "build"));
    }

    @Test
    void theLastLineOfTheScriptIsTheImage() throws Exception {
        FutureTask<Integer> code = build("echo 'build: step' >&2; echo /i/first; echo /i/debian\n");
        code.run();
        assertThat(code.get()).isZero();
        assertThat(terminal.out()).isEqualTo("/i/debian\n");
        assertThat(terminal.err()).isEqualTo("construir: build: step\n");
    }

    @Test
    void aSignalIsOverWhenEverythingThatWasBegunIsRemoved() throws Exception {
        Path begun = directory.resolve("begun");
        FutureTask<Integer> code = build("(\n"
                + "    trap 'sleep 1; rm \"" + begun + "\"; exit 1' TERM\n"
                + "    : >\"" + begun + "\"\n"
                + "    while :; do sleep 0.1; done\n"
                + ")\n");
        Thread command = new Thread(code);
        command.start();
        await().until(() -> Files.exists(begun));
        command.interrupt();
        assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(130);
        assertThat(begun).doesNotExist();
        assertThat(terminal.err()).isEqualTo("construir: cancelled\n");
        assertThat(Launch.processesNaming(directory.toString())).isEmpty();
    }
}
