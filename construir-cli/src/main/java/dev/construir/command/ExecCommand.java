package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.job.Limits;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Streams;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code construir exec}: one command in a fresh sandbox. */
@Command(
        name = "exec",
        description = {
            "Runs one command in a fresh virtual machine, which is thrown away afterwards.",
            "",
            "Its stdout and stderr go to stdout and stderr. Options come before the command; all that follows "
                    + "is the command's, which no shell sees. For a shell's syntax: construir exec -- sh -c 'make && ls'.",
            "",
            "The exit code is the command's own as the machine reports it, which is no evidence: for results that "
                    + "matter run a job.",
            ""
        },
        footerHeading = "%nExit codes:%n",
        footer = {
            "  the command's own, or",
            "  124    a limit was reached",
            "  125    construir itself failed, or the machine was lost",
            "  126    the command cannot be executed, or its user or directory is not there",
            "  127    the command is not there",
            "  128+N  the command was killed by signal N",
            "  130    interrupted"
        })
final class ExecCommand implements Callable<Integer> {
    private final Streams streams;
    private final RunnerSource runners;

    @Mixin
    private final StreamOptions attached = new StreamOptions();

    @Mixin
    private final ProcessOptions process = new ProcessOptions();

    @Mixin
    private final SandboxCommandOptions options;

    @Mixin
    private final VerbosityOptions verbosity = new VerbosityOptions();

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The program, and its arguments.")
    @SuppressWarnings("NullAway.Init")
    private List<String> command;

    ExecCommand(Streams streams, Environment surroundings, RunnerSource runners) {
        this.streams = streams;
        this.runners = runners;
        this.options = new SandboxCommandOptions(surroundings, Limits.DEFAULT);
    }

    @Override
    public Integer call() throws ConstruirException, IOException {
        return SandboxOpening.use(
                "exec",
                options,
                verbosity,
                streams,
                runners,
                (sandbox, screen) -> attached.session(streams, screen).hold(process.start(sandbox.exec(command))));
    }
}
