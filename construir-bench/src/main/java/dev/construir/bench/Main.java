package dev.construir.bench;

import dev.construir.command.Backends;
import dev.construir.command.CommandDefaults;
import dev.construir.command.Converters;
import dev.construir.command.Program;
import dev.construir.command.RunnerSource;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Streams;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The benchmarks: a heading for what can be measured. */
@Command(
        name = "bench",
        description = {
            "Measures the library against the bare hypervisor, and against the native tools, on the same work.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Program.Version.class)
@SuppressWarnings("NullAway.Init")
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs a benchmark and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        Program.run(Main::command, arguments);
    }

    static CommandLine command(
            Streams streams, Environment surroundings, Backends backends, RunnerSource runners, String... arguments) {
        CommandLine command = new CommandLine(new Main())
                .addSubcommand(new BenchBackendsCommand(streams, surroundings, runners))
                .addSubcommand(new BenchColdCommand(streams, surroundings, runners))
                .addSubcommand(new BenchDiskCommand(streams, surroundings))
                .addSubcommand(new BenchSandboxCommand(streams, surroundings, runners))
                .addSubcommand(new BenchWarmCommand(streams, surroundings, runners))
                .addSubcommand(new BenchXzCommand(streams, surroundings))
                .addSubcommand(new BenchQueueCommand(streams, surroundings));
        Converters.register(command);
        CommandDefaults.apply(command, streams);
        return command;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name what to measure, for example: bench cold");
    }
}
