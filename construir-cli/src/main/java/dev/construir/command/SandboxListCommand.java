package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.command.sandbox.UnservedException;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Failures;
import dev.construir.terminal.Formats;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code construir sandbox ls}: the sandboxes with names. */
@Command(
        name = "ls",
        description = {
            "Lists the sandboxes of this user: name, root image, for how long it is open, commands that run. One that "
                    + "ended by itself is listed with the reason, until it is closed or opened anew.",
            ""
        })
final class SandboxListCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Streams streams;

    @Mixin
    private final SandboxPlaceOption place;

    SandboxListCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.place = new SandboxPlaceOption(surroundings);
    }

    @Override
    public Integer call() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (NamedSandbox sandbox : place.all()) {
            lines.append(String.format("%-20s %s%n", sandbox.name(), describe(sandbox)));
        }
        streams.out().write(lines.toString().getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
        return 0;
    }

    private static String describe(NamedSandbox sandbox) {
        try {
            String[] state = KeeperClient.state(sandbox, PATIENCE).split("\t");
            Duration open = Duration.between(Instant.ofEpochSecond(Long.parseLong(state[1])), Instant.now());
            return String.format("%-20s %10s %3s", TerminalFilter.escape(state[0]), Formats.span(open), state[2]);
        } catch (UnservedException e) {
            return TerminalFilter.escape(e.how());
        } catch (ConstruirException | IOException e) {
            return TerminalFilter.escape(Failures.describe(e));
        }
    }
}
