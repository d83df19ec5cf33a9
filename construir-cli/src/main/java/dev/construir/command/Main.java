package dev.construir.command;

import dev.construir.command.disk.CatCommand;
import dev.construir.command.disk.ExtractCommand;
import dev.construir.command.disk.ListCommand;
import dev.construir.command.disk.PackCommand;
import dev.construir.command.disk.PutCommand;
import dev.construir.command.disk.RemoveCommand;
import dev.construir.terminal.Environment;
import dev.construir.terminal.Streams;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code construir} command. */
@Command(
        name = "construir",
        description = {"Runs build jobs in throw-away virtual machines.", ""},
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Program.Version.class,
        footerHeading = "%nExit codes of run:%n",
        footer = {
            "  the job's own, or",
            "  124    a limit was reached",
            "  125    construir itself failed: wrong usage, no hypervisor, a bad image, a crash of the machine,",
            "         results that could not be written or are not there; the other commands end with this, 0 or 130,",
            "         extract also if a file is missing that is damaged or that this host refuses",
            "  126    bin/construir cannot be executed: it is not executable, made for another architecture or",
            "         system, no text and no program, or empty; this is found before a machine starts",
            "  127    bin/construir, or its interpreter, is not there",
            "  128+N  the job was killed by signal N",
            "  130    interrupted"
        })
@SuppressWarnings("NullAway.Init")
public final class Main implements Runnable {
    private static final String HELP = "help";
    /** What needs all other commands as well. */
    private static final Set<String> WHOLE = Set.of(HELP, "completion");

    private static final Set<String> VERSION = Set.of("-V", "--version");

    @Spec
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        Program.run(Main::command, arguments);
    }

    /** Runs the command and returns its exit code, which is not 0 if stdout could not be written. */
    static int execute(
            Streams streams, Environment surroundings, Backends backends, RunnerSource runners, String... arguments) {
        return Program.execute(Main::command, streams, surroundings, backends, runners, arguments);
    }

    /**
     * Puts the command together, of what the command line asks for: reading the options of every command there is from
     * annotations takes longer than most commands.
     */
    static CommandLine command(
            Streams streams, Environment surroundings, Backends backends, RunnerSource runners, String... arguments) {
        Map<String, Supplier<Object>> all = new LinkedHashMap<>();
        all.put("run", () -> new RunCommand(streams, surroundings, runners));
        all.put(
                "exec",
                () -> new CommandLine(new ExecCommand(streams, surroundings, runners)).setStopAtPositional(true));
        all.put("shell", () -> new ShellCommand(streams, surroundings, runners));
        all.put("sandbox", () -> sandbox(streams, surroundings, runners));
        all.put("watch", () -> new WatchCommand(streams, surroundings, runners));
        all.put("pack", () -> new PackCommand(streams));
        all.put("ls", () -> new ListCommand(streams, surroundings));
        all.put("cat", () -> new CatCommand(streams, surroundings));
        all.put("extract", () -> new ExtractCommand(streams, surroundings));
        all.put("put", () -> new PutCommand(streams));
        all.put("rm", () -> new RemoveCommand(streams));
        all.put("doctor", () -> new DoctorCommand(streams, surroundings, backends));
        all.put("image", () -> image(streams, surroundings, backends));
        all.put("completion", CompletionCommand::new);
        all.put(HELP, HelpCommand::new);
        String first = arguments.length == 0 ? "" : arguments[0];
        CommandLine command = new CommandLine(new Main());
        if (all.containsKey(first) && !WHOLE.contains(first)) {
            command.addSubcommand(all.get(first).get());
        } else if (arguments.length != 1 || !VERSION.contains(first)) {
            all.values().forEach(make -> command.addSubcommand(make.get()));
        }
        Converters.register(command);
        CommandDefaults.apply(command, streams, surroundings);
        return command;
    }

    private static CommandLine sandbox(Streams streams, Environment surroundings, RunnerSource runners) {
        return new CommandLine(new SandboxCommand())
                .addSubcommand(new SandboxOpenCommand(streams, surroundings, runners))
                .addSubcommand(new CommandLine(new SandboxExecCommand(streams, surroundings)).setStopAtPositional(true))
                .addSubcommand(new SandboxCopyCommand(streams, surroundings))
                .addSubcommand(new SandboxListCommand(streams, surroundings))
                .addSubcommand(new SandboxCloseCommand(streams, surroundings));
    }

    private static CommandLine image(Streams streams, Environment surroundings, Backends backends) {
        return new CommandLine(new ImageCommand())
                .addSubcommand(new ImageBuildCommand(streams, surroundings))
                .addSubcommand(new ImageShellCommand(streams, surroundings, backends));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command, e.g. construir run DIR");
    }
}
