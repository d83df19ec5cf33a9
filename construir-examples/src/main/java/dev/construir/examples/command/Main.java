package dev.construir.examples.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
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
            "         results that could not be written or are not there; the other commands end with this or 0,",
            "         extract also if a file is missing that is damaged or that this host refuses",
            "  126    bin/construir cannot be executed: it is not executable, made for another architecture or",
            "         system, no text and no program, or empty; this is found before a machine starts",
            "  127    bin/construir, or its interpreter, is not there",
            "  128+N  the job was killed by signal N",
            "  130    interrupted"
        })
@SuppressWarnings("NullAway.Init")
public final class Main implements Runnable {
    private static final Set<String> VERSION = Set.of("-V", "--version");

    @Spec
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    @SuppressWarnings("CatchThrowable") // as below
    public static void main(String[] arguments) {
        int code = ExitCode.FAILED;
        try {
            Surroundings surroundings = Surroundings.of(
                    System.getenv(),
                    Optional.ofNullable(System.getProperty("construir.home")).map(Path::of));
            Backends backends = Backends.onClassPath(Plugin.directories(System.getenv()));
            Streams streams = Streams.ofProcess();
            code = execute(streams, surroundings, backends, RunnerSource.on(backends), arguments);
            streams.err().flush();
        } catch (Throwable e) {
            System.err.println("construir: cannot start: " + e);
        }
        Descriptors.exit(code);
    }

    /** Runs the command and returns its exit code, which is not 0 if stdout could not be written. */
    @SuppressWarnings("CatchThrowable") // an error that escaped would end the process with 1, which is a job's code
    static int execute(
            Streams streams, Surroundings surroundings, Backends backends, RunnerSource runners, String... arguments) {
        try {
            WatchedOutput out = new WatchedOutput(streams.out());
            Streams watched = new Streams(
                    out, streams.err(), streams.outIsTerminal(), streams.errIsTerminal(), streams.keyboard());
            int code =
                    command(watched, surroundings, backends, runners, arguments).execute(arguments);
            String failure = out.failure();
            if (code == 0 && failure != null) {
                streams.err().println("construir: " + failure);
                return ExitCode.FAILED;
            }
            return code;
        } catch (OutOfMemoryError e) { // also what Java calls it when a thread cannot be made
            streams.err().println("construir: " + outOf(e));
            return ExitCode.FAILED;
        } catch (Throwable e) {
            streams.err().println("construir: an internal error");
            e.printStackTrace(streams.err());
            return ExitCode.FAILED;
        }
    }

    private static String outOf(OutOfMemoryError e) {
        String what = String.valueOf(e.getMessage());
        return what.contains("thread")
                ? "the host gives Java no more threads (" + what
                        + "); raise ulimit -u, in which threads count, or end something"
                : "Java has no more memory (" + what
                        + "); give it more by JDK_JAVA_OPTIONS=-Xmx1g, or use an option like that which is set there";
    }

    /**
     * Puts the command together, of what the command line asks for: reading the options of every command there is from annotations takes
     * longer than most commands.
     */
    static CommandLine command(
            Streams streams, Surroundings surroundings, Backends backends, RunnerSource runners, String... arguments) {
        Map<String, Supplier<Object>> all = new LinkedHashMap<>();
        all.put("run", () -> new RunCommand(streams, surroundings, runners));
        all.put("watch", () -> new WatchCommand(streams, surroundings, runners));
        all.put("pack", () -> new PackCommand(streams));
        all.put("ls", () -> new ListCommand(streams, surroundings));
        all.put("cat", () -> new CatCommand(streams, surroundings));
        all.put("extract", () -> new ExtractCommand(streams, surroundings));
        all.put("doctor", () -> new DoctorCommand(streams, surroundings, backends));
        all.put("image", () -> image(streams, surroundings, backends));
        all.put("bench", () -> bench(streams, surroundings, runners));
        all.put("help", HelpCommand::new);
        String first = arguments.length == 0 ? "" : arguments[0];
        CommandLine command = new CommandLine(new Main());
        if (all.containsKey(first) && !first.equals("help")) {
            command.addSubcommand(all.get(first).get());
        } else if (arguments.length != 1 || !VERSION.contains(first)) {
            all.values().forEach(make -> command.addSubcommand(make.get()));
        }
        Converters.register(command);
        Usage.apply(command, streams);
        return command;
    }

    private static CommandLine image(Streams streams, Surroundings surroundings, Backends backends) {
        return new CommandLine(new ImageCommand())
                .addSubcommand(new ImageBuildCommand(streams, surroundings))
                .addSubcommand(new ImageShellCommand(streams, surroundings, backends));
    }

    private static CommandLine bench(Streams streams, Surroundings surroundings, RunnerSource runners) {
        return new CommandLine(new BenchCommand())
                .addSubcommand(new BenchBackendsCommand(streams, surroundings, runners))
                .addSubcommand(new BenchColdCommand(streams, surroundings, runners))
                .addSubcommand(new BenchDiskCommand(streams, surroundings))
                .addSubcommand(new BenchWarmCommand(streams, surroundings, runners))
                .addSubcommand(new BenchXzCommand(streams, surroundings))
                .addSubcommand(new BenchQueueCommand(streams, surroundings));
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
