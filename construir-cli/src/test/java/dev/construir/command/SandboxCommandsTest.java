package dev.construir.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.job.Limits;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Terminal;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The commands of sandboxes with names, without a machine. */
@Timeout(60)
class SandboxCommandsTest {
    private static final Environment NOWHERE = Environment.of(Map.of(), Optional.empty());

    @TempDir
    Path scratch;

    private final Terminal terminal = Terminal.files();

    private int sandbox(String... words) {
        List<String> all = new java.util.ArrayList<>(List.of("sandbox"));
        all.addAll(List.of(words));
        all.add(2, "--scratch=" + scratch);
        Backends none = new Backends(List.of());
        return Main.execute(terminal.streams(), NOWHERE, none, RunnerSource.on(none), all.toArray(String[]::new));
    }

    private NamedSandbox dead(String name) throws Exception {
        NamedSandbox place = NamedSandbox.forNew(scratch, name);
        Files.createDirectory(place.directory());
        Files.writeString(place.directory().resolve("lock"), "999999");
        return place;
    }

    @Test
    void close_ofWhatThereIsNot_saysSoAndClosesTheOthers() throws Exception {
        NamedSandbox dead = dead("dead");
        assertThat(sandbox("close", "typo", "dead", "other")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err())
                .contains("there is no sandbox typo")
                .contains("construir: the sandbox dead ended: its keeper was killed")
                .contains("there is no sandbox other");
        assertThat(dead.directory()).doesNotExist();
    }

    @Test
    void close_ofOneThatEnded_saysWhyOnce() throws Exception {
        NamedSandbox dead = dead("work");
        Files.writeString(dead.directory().resolve("end"), "its machine ended: \33[31mno reason");
        assertThat(sandbox("ls")).isZero();
        assertThat(terminal.out()).contains("work").contains("ended: its machine ended: \\x1b[31mno reason");
        assertThat(sandbox("exec", "work", "true")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("the sandbox work ended: its machine ended:");
        assertThat(sandbox("close", "work")).isZero();
        assertThat(sandbox("close", "work")).isEqualTo(ExitCode.FAILED);
        assertThat(terminal.err()).contains("there is no sandbox work");
    }

    @Test
    void ls_ofAKeeperThatDoesNotAnswer_showsTheOthers() throws Exception {
        NamedSandbox first = dead("a");
        NamedSandbox last = dead("z");
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(first.directory().resolve("socket")))) {
            assertThat(silent.isOpen()).isTrue();
            assertThat(sandbox("ls")).isZero();
        }
        assertThat(terminal.out().lines())
                .hasSize(2)
                .anyMatch(line -> line.matches("a +does not answer within 3 s.*"))
                .anyMatch(line -> line.matches("z +ended: its keeper was killed"));
        assertThat(last.directory()).exists();
    }

    @Command
    private static final class Limited {
        @Mixin
        private final SandboxCommandOptions options;

        Limited(Limits limits) {
            options = new SandboxCommandOptions(NOWHERE, limits);
        }
    }

    private static Limits limits(Limits preset, String... words) throws Exception {
        Limited command = new Limited(preset);
        CommandLine line = new CommandLine(command);
        Converters.register(line);
        CommandLine.ParseResult unused = line.parseArgs(words);
        return command.options.options("work").limits();
    }

    @Test
    void aSandboxWithAName_hasNoLimitsButThatOfIdleness() throws Exception {
        Limits named = limits(SandboxOpenCommand.LIMITS);
        assertThat(named.total()).isEqualTo(Limits.UNLIMITED);
        assertThat(named.idle()).isEqualTo(Duration.ofHours(1));
        assertThat(limits(SandboxOpenCommand.LIMITS, "--timeout=5m").total()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void outputOfCommands_hasNoLimit() throws Exception {
        assertThat(limits(Limits.DEFAULT).output()).isEqualTo(DataSize.ofBytes(Long.MAX_VALUE));
        assertThat(limits(Limits.DEFAULT).total()).isEqualTo(Limits.DEFAULT.total());
    }
}
