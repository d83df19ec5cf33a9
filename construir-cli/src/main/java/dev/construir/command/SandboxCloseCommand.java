package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperClient;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.terminal.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code construir sandbox close}: ends sandboxes with names. */
@Command(
        name = "close",
        description = {"Ends open sandboxes, with all that runs in them. What they hold is thrown away.", ""})
final class SandboxCloseCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 20;

    @Mixin
    private final SandboxPlaceOption place;

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "The sandboxes.")
    @SuppressWarnings("NullAway.Init")
    private List<String> names;

    SandboxCloseCommand(Environment surroundings) {
        this.place = new SandboxPlaceOption(surroundings);
    }

    @Override
    public Integer call() throws ConstruirException, IOException, InterruptedException {
        for (String name : names) {
            NamedSandbox sandbox = place.of(name);
            if (sandbox.isOpen()) {
                KeeperClient.close(sandbox);
                awaitEnd(sandbox);
            } else {
                sandbox.remove(); // what a killed keeper left
            }
        }
        return 0;
    }

    // The keeper's directory goes last, and there is no event for that.
    private static void awaitEnd(NamedSandbox sandbox) throws ConstruirException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (Files.exists(sandbox.directory())) {
            if (System.nanoTime() - end > 0) {
                throw new ConstruirException("the sandbox " + sandbox.name() + " did not end within "
                        + PATIENCE.toSeconds() + " s; see " + sandbox.log());
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }
}
