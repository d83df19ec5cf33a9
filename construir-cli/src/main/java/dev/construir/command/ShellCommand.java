package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.job.Limits;
import dev.construir.terminal.Environment;
import dev.construir.terminal.ExecutionSession;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code construir shell}: a shell in a fresh sandbox. */
@Command(
        name = "shell",
        description = {
            "Opens a shell in a fresh virtual machine, which is thrown away when the shell ends.",
            "",
            "The shell has a terminal: job control, editors and the size of the window work. All keys go to it, "
                    + "Ctrl-C too; Ctrl-] three times in a row leaves a shell that does not answer. What it prints "
                    + "reaches this terminal as it is.",
            "",
            "When stdin is no terminal, its bytes are the shell's script.",
            ""
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "  the shell's own, or",
            "  124    a limit was reached",
            "  125    construir itself failed, or the machine was lost",
            "  130    left, or interrupted"
        })
final class ShellCommand implements Callable<Integer> {
    // The first that is there; as a login shell, so that /etc/profile counts.
    static final String SHELL = "for shell in /bin/bash /bin/sh; do [ -x $shell ] && exec $shell -l; done";

    private final Streams streams;
    private final RunnerSource runners;

    @Option(
            names = "--shell",
            paramLabel = "PROGRAM",
            description = "The shell. Default: /bin/bash, or where that is missing /bin/sh.")
    private String shell = "";

    @Mixin
    private final ProcessOptions process = new ProcessOptions();

    @Mixin
    private final SandboxCommandOptions options;

    @Mixin
    private final VerbosityOptions verbosity = new VerbosityOptions();

    ShellCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.runners = runners;
        this.options = new SandboxCommandOptions(surroundings, Limits.DEFAULT);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        boolean person = streams.keyboard().isTerminal();
        return SandboxOpening.use(
                "shell",
                options,
                verbosity,
                streams,
                runners,
                (sandbox, screen) -> new ExecutionSession(streams, screen, true, person)
                        .hold(process.start(shell.isEmpty() ? sandbox.sh(SHELL) : sandbox.exec(shell))));
    }
}
