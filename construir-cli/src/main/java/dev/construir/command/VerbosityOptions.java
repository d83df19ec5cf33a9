package dev.construir.command;

import org.slf4j.event.Level;
import picocli.CommandLine.Option;

/** How much a command reports on stderr. */
final class VerbosityOptions {
    // A field beside one method, since Java lists fields as they are declared, and methods in any order.
    @Option(
            names = {"-q", "--quiet"},
            negatable = true,
            fallbackValue = "true",
            description = "Reports only what goes wrong.")
    private boolean quiet;

    @Option(
            names = {"-v", "--verbose"},
            negatable = true,
            fallbackValue = "true",
            description = "Also shows the log of the library: what it starts, measures and decides.")
    void verbose(boolean asked) {
        if (asked) {
            Log.atLeast(Level.DEBUG);
        }
    }

    boolean isQuiet() {
        return quiet;
    }
}
