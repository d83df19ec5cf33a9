package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.command.sandbox.UnservedException;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.Failures;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code construir sandbox close}: ends sandboxes with names. */
@Command(
        name = "close",
        description = {"Ends open sandboxes, with all that runs in them. What they hold is thrown away.", ""})
final class SandboxCloseCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(SandboxCloseCommand.class);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Streams streams;

    @Mixin
    private final SandboxPlaceOption place;

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "The sandboxes.")
    @SuppressWarnings("NullAway.Init")
    private List<String> names;

    SandboxCloseCommand(Streams streams, Environment surroundings) {
        this.streams = streams;
        this.place = new SandboxPlaceOption(surroundings);
    }

    @Override
    public Integer call() throws IOException {
        int code = 0;
        for (String name : names) {
            try {
                close(place.of(name));
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (ConstruirException | IOException e) { // the others are closed all the same
                CommandDefaults.say(streams.err()::println, Failures.describe(e));
                code = ExitCode.FAILED;
            }
        }
        return code;
    }

    private void close(NamedSandbox sandbox) throws ConstruirException, IOException {
        try {
            KeeperClient.close(sandbox, ANSWER, PATIENCE);
        } catch (UnservedException e) {
            if (e.state() != UnservedException.State.ENDED) {
                throw e;
            }
            CommandDefaults.say(streams.err()::println, String.valueOf(e.getMessage()));
        }
        removeRest(sandbox);
    }

    // A keeper leaves nothing, unless its sandbox ended by itself or it was killed.
    private static void removeRest(NamedSandbox sandbox) throws ConstruirException, IOException {
        try {
            if (Files.exists(sandbox.directory())) {
                sandbox.remove();
            }
        } catch (UnservedException e) {
            LOG.debug("it is being opened anew", e);
        }
    }
}
