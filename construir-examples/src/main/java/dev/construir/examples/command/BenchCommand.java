package dev.construir.examples.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code construir bench}: only a heading for what can be measured. */
@Command(
        name = "bench",
        description = {
            "Measures the library against the bare hypervisor, and against the native tools, on the same work.",
            ""
        })
@SuppressWarnings("NullAway.Init")
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what is to be measured? For example: construir bench cold");
    }
}
