package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.NamedSandbox;
import dev.construir.terminal.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where sandboxes with names are found. */
final class SandboxPlaceOption {
    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "The directory that the sandbox was opened with. Default: ${DEFAULT-VALUE}.")
    private Path scratch;

    SandboxPlaceOption(Environment surroundings) {
        scratch = surroundings.scratch();
    }

    NamedSandbox of(String name) throws ConstruirException, IOException {
        return NamedSandbox.of(scratch, name);
    }

    List<NamedSandbox> all() throws IOException {
        return NamedSandbox.all(scratch);
    }
}
