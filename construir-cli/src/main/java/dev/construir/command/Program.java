package dev.construir.command;

import dev.construir.terminal.Environment;
import dev.construir.terminal.ExitCode;
import dev.construir.terminal.InheritedDescriptors;
import dev.construir.terminal.Streams;
import dev.construir.terminal.WatchedOutput;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;

/** The process of a command: its streams, its exit code, and what it says when it cannot go on. */
public final class Program {
    private Program() {}

    /** Puts a command together. */
    @FunctionalInterface
    public interface Parts {
        /**
         * Returns the command.
         *
         * @param streams where it writes and reads
         * @param surroundings where things are
         * @param backends what can run machines
         * @param runners makes runners
         * @param arguments the command line, of which only a part of the command may be needed
         */
        CommandLine command(
                Streams streams,
                Environment surroundings,
                Backends backends,
                RunnerSource runners,
                String... arguments);
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param parts puts the command together
     * @param arguments the command line
     */
    @SuppressWarnings("CatchThrowable") // as below
    public static void run(Parts parts, String... arguments) {
        int code = ExitCode.FAILED;
        try {
            Environment surroundings = Environment.of(
                    System.getenv(),
                    Optional.ofNullable(System.getProperty("construir.home")).map(Path::of));
            Backends backends = Backends.onClassPath(Plugin.directories(System.getenv()));
            Streams streams = Streams.ofProcess();
            code = execute(parts, streams, surroundings, backends, RunnerSource.on(backends), arguments);
            streams.err().flush();
        } catch (Throwable e) {
            System.err.println("construir: cannot start: " + e);
        }
        InheritedDescriptors.exit(code);
    }

    /** Runs a command and returns its exit code, which is not 0 if stdout could not be written. */
    @SuppressWarnings("CatchThrowable") // an error that escaped would end the process with 1, which is a job's code
    public static int execute(
            Parts parts,
            Streams streams,
            Environment surroundings,
            Backends backends,
            RunnerSource runners,
            String... arguments) {
        try {
            WatchedOutput out = new WatchedOutput(streams.out());
            Streams watched = new Streams(
                    out, streams.err(), streams.outIsTerminal(), streams.errIsTerminal(), streams.keyboard());
            int code = parts.command(watched, surroundings, backends, runners, arguments)
                    .execute(arguments);
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

    /** Reads the version from the jar's manifest. */
    public static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Program.class.getPackage().getImplementationVersion();
            return new String[] {
                "construir " + (version == null ? "(not packaged)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
