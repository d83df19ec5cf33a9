package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.run.RunEvent;
import dev.construir.run.Runner;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.terminal.Screen;
import dev.construir.terminal.TerminalFilter;

/** Opens sandboxes, and says what that waits for. */
final class SandboxOpening {
    private SandboxOpening() {}

    static Sandbox open(
            Runner runner, SandboxOptions options, RootImage image, Screen screen, VerbosityOptions verbosity)
            throws ConstruirException, InterruptedException {
        boolean quiet = verbosity.isQuiet();
        SandboxOptions told = options.withListener(event -> {
            if (!quiet) {
                screen.status(describe(event, image));
            }
        });
        try {
            return Sandbox.open(runner, told);
        } finally {
            screen.status("");
        }
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
