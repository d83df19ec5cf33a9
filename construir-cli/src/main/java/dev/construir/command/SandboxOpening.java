package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.terminal.CancelOnSignal;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import dev.construir.terminal.TerminalFilter;
import java.io.IOException;
import java.util.function.Consumer;

/** Opens sandboxes, and says what that waits for. */
final class SandboxOpening {
    private SandboxOpening() {}

    static Sandbox open(
            Runner runner, SandboxOptions options, RootImage image, Consumer<String> status, VerbosityOptions verbosity)
            throws ConstruirException, InterruptedException {
        boolean quiet = verbosity.isQuiet();
        SandboxOptions observed = options.withListener(event -> {
            if (!quiet) {
                status.accept(describe(event, image));
            }
        });
        try {
            return Sandbox.open(runner, observed);
        } finally {
            status.accept("");
        }
    }

    /** Uses an open sandbox, and returns an exit code. */
    @FunctionalInterface
    interface Use {
        int with(Sandbox sandbox, Screen screen) throws ConstruirException, IOException, InterruptedException;
    }

    /** Opens a sandbox for one use, which a signal ends. */
    static int use(
            String name,
            SandboxCommandOptions options,
            VerbosityOptions verbosity,
            Streams streams,
            RunnerSource runners,
            Use use)
            throws ConstruirException, IOException {
        RootImage image = options.place().image();
        Screen screen = new Screen(streams);
        return CancelOnSignal.ends(
                () -> {
                    try (Runner runner = runners.open(options.place().choice(image));
                            Sandbox sandbox = open(runner, options.options(name), image, screen::status, verbosity)) {
                        return use.with(sandbox, screen);
                    }
                },
                screen);
    }

    private static String describe(RunEvent event, RootImage image) {
        String name = TerminalFilter.escape(image.name());
        if (event instanceof RunEvent.Waiting waiting) {
            return "waiting for " + TerminalFilter.escape(waiting.forWhat());
        } else if (event instanceof RunEvent.Preparing) {
            return "booting " + name + " once, to keep its memory";
        } else if (event instanceof RunEvent.Queued || event instanceof RunEvent.Booting) {
            return "starting " + name;
        }
        return "";
    }
}
