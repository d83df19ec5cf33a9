package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.terminal.Environment;
import dev.construir.terminal.Terminal;
import dev.construir.testkit.FakeSandboxGuest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code construir exec} with machines that are threads. */
@Timeout(60)
class ExecCommandTest {
    private static final FakeSandboxGuest GUEST = FakeSandboxGuest.builder()
            .program("arguments", process -> {
                process.print(String.join("|", process.arguments()));
                return 0;
            })
            .program("term", process -> {
                process.print(process.environment().getOrDefault("TERM", "none"));
                return 7;
            })
            .build();

    @TempDir
    Path directory;

    private final Terminal terminal = Terminal.files();

    private int exec(String... words) throws Exception {
        Environment surroundings = Environment.of(
                Map.of("CONSTRUIR_CACHE", directory.resolve("cache").toString()), Optional.empty());
        Backends backends = new Backends(List.of(new FakeBackend(GUEST)));
        Path root = directory.resolve("root.img");
        if (!Files.exists(root)) {
            BareDisk.write(root);
        }
        List<String> all = new ArrayList<>(List.of("exec", "--hypervisor=fake", "--disk=2M", "--budget=none"));
        all.addAll(List.of("--root=" + root, "--scratch=" + directory.resolve("scratch")));
        all.addAll(List.of(words));
        terminal.out.reset();
        return Main.execute(
                terminal.streams(), surroundings, backends, RunnerSource.on(backends), all.toArray(String[]::new));
    }

    @Test
    void whatBeginsWithAnAt_isAnArgumentAsItIs() throws Exception {
        Path file = Files.writeString(directory.resolve("words"), "one two --help\n");
        String at = "@" + file;
        assertThat(exec("--", "arguments", at, "@@x", "@")).as(terminal.err()).isZero();
        assertThat(terminal.out()).isEqualTo("arguments|" + at + "|@@x|@");
        assertThat(exec("arguments", at)).as(terminal.err()).isZero();
        assertThat(terminal.out()).isEqualTo("arguments|" + at);
    }

    @Test
    void aTerminalsKind_isTheUsersIfTheySayIt() throws Exception {
        assertThat(exec("-t", "-e", "TERM=dumb", "term")).as(terminal.err()).isEqualTo(7);
        assertThat(terminal.out()).isEqualTo("dumb");
        assertThat(exec("-t", "term")).isEqualTo(7);
        assertThat(terminal.out()).isEqualTo(System.getenv().getOrDefault("TERM", "vt100"));
        assertThat(exec("term")).isEqualTo(7);
        assertThat(terminal.out()).isEqualTo("none");
    }

    @Test
    void aVariableWithoutAName_isRefused() throws Exception {
        assertThat(exec("-e", "=x", "term")).isEqualTo(125);
        assertThat(terminal.err()).contains("construir: \"\" is no name of a variable");
    }
}
