package dev.construir.examples.command;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code construir} command. */
@Command(
        name = "construir",
        description = {"Runs build jobs in throw-away virtual machines.", ""},
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Main.Version.class,
        footerHeading = "%nExit codes of run:%n",
        footer = {
            "  the job's own, and besides",
            "  124    a limit was reached",
            "  125    construir itself failed: wrong usage, no hypervisor, a bad image, a crash of the machine,",
            "         results that could not be written or are not there; the other commands end with this or 0",
            "  126    bin/construir is not executable",
            "  127    bin/construir, or its interpreter, is not there",
            "  128+N  the job was killed by signal N",
            "  130    interrupted"
        })
@SuppressWarnings("NullAway.Init")
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        Surroundings surroundings = Surroundings.of(
                System.getenv(),
                Optional.ofNullable(System.getProperty("construir.home")).map(Path::of));
        Backends backends = Backends.onClassPath();
        Streams streams = Streams.ofProcess();
        int code = execute(streams, surroundings, backends, RunnerSource.on(backends), arguments);
        streams.err().flush();
        System.exit(code);
    }

    /** Runs the command and returns its exit code, which is not 0 if stdout could not be written. */
    @SuppressWarnings("CatchThrowable") // an error that escaped would end the process with 1, which is a job's code
    static int execute(
            Streams streams, Surroundings surroundings, Backends backends, RunnerSource runners, String... arguments) {
        try {
            WatchedOutput out = new WatchedOutput(streams.out());
            Streams watched = new Streams(
                    out, streams.err(), streams.outIsTerminal(), streams.errIsTerminal(), streams.keyboard());
            int code = command(watched, surroundings, backends, runners).execute(arguments);
            String failure = out.failure();
            if (code == 0 && failure != null) {
                streams.err().println("construir: stdout could not be written: " + failure);
                return ExitCode.FAILED;
            }
            return code;
        } catch (OutOfMemoryError e) { // also what Java calls it when a thread cannot be made
            streams.err()
                    .println("construir: the host gives Java no more memory or threads (" + e.getMessage()
                            + "); raise ulimit -u, in which threads count as well, or close something");
            return ExitCode.FAILED;
        } catch (Throwable e) {
            streams.err().println("construir: an internal error");
            e.printStackTrace(streams.err());
            return ExitCode.FAILED;
        }
    }

    /** Puts the command together. */
    static CommandLine command(Streams streams, Surroundings surroundings, Backends backends, RunnerSource runners) {
        CommandLine image = new CommandLine(new ImageCommand());
        image.addSubcommand(new ImageBuildCommand(streams, surroundings));
        image.addSubcommand(new ImageShellCommand(streams, surroundings, backends));
        CommandLine bench = new CommandLine(new BenchCommand());
        bench.addSubcommand(new BenchBackendsCommand(streams, surroundings, runners));
        bench.addSubcommand(new BenchColdCommand(streams, surroundings, runners));
        bench.addSubcommand(new BenchDiskCommand(streams, surroundings));
        bench.addSubcommand(new BenchWarmCommand(streams, surroundings, runners));
        bench.addSubcommand(new BenchXzCommand(streams, surroundings));
        bench.addSubcommand(new BenchQueueCommand(streams, surroundings));
        CommandLine command = new CommandLine(new Main())
                .addSubcommand(new RunCommand(streams, surroundings, runners))
                .addSubcommand(new WatchCommand(streams, surroundings, runners))
                .addSubcommand(new PackCommand(streams))
                .addSubcommand(new ListCommand(streams, surroundings))
                .addSubcommand(new CatCommand(streams, surroundings))
                .addSubcommand(new ExtractCommand(streams, surroundings))
                .addSubcommand(new DoctorCommand(streams, surroundings, backends))
                .addSubcommand(image)
                .addSubcommand(bench)
                .addSubcommand(new HelpCommand());
        Converters.register(command);
        Usage.apply(command, streams);
        return command;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what is to be done? For example: construir run DIR");
    }

    /** Tells the version by the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "construir " + (version == null ? "(not packaged)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
