package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.terminal.Environment;
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
            "Lists the open sandboxes of this user: name, root image, for how long it is open, commands that run.",
            ""
        })
final class SandboxListCommand implements Callable<Integer> {
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
            try {
                String[] state = KeeperClient.state(sandbox).split("\t");
                Duration open = Duration.between(Instant.ofEpochSecond(Long.parseLong(state[1])), Instant.now());
                lines.append(String.format(
                        "%-20s %-20s %10s %3s%n",
                        sandbox.name(), TerminalFilter.escape(state[0]), Formats.span(open), state[2]));
            } catch (ConstruirException | IOException e) {
                lines.append(String.format("%-20s %s%n", sandbox.name(), "does not answer; close it, or open it anew"));
            }
        }
        streams.out().write(lines.toString().getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
        return 0;
    }
}
