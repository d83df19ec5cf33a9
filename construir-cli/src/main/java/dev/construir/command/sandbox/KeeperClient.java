package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.job.Limits;
import dev.construir.sandbox.Execution;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Asks the keepers of sandboxes for what commands want. */
public final class KeeperClient {
    private KeeperClient() {}

    /**
     * A command to be started.
     *
     * @param arguments the program first
     * @param environment variables
     * @param user its user; empty for root
     * @param directory its directory; empty for {@code /job}
     * @param input whether it has an input
     * @param rows the rows of its terminal; -1 if it has none
     * @param columns the columns
     */
    public record Exec(
            List<String> arguments,
            Map<String, String> environment,
            String user,
            String directory,
            boolean input,
            int rows,
            int columns) {}

    /** Starts a command, to be closed by the caller. */
    public static Execution start(NamedSandbox place, Exec command) throws ConstruirException, IOException {
        KeeperRequest request = new KeeperRequest(
                KeeperRequest.Kind.EXEC,
                command.arguments(),
                command.environment(),
                command.user(),
                command.directory(),
                command.input(),
                command.rows(),
                command.columns());
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean started = false;
        try {
            place.connect(channel);
            Execution execution = RemoteExecution.start(new KeeperConnection(channel), request);
            started = true;
            return execution;
        } finally {
            if (!started) {
                channel.close();
            }
        }
    }

    /** Copies a file or directory into a sandbox. */
    public static void copyIn(NamedSandbox place, Path source, String target) throws ConstruirException, IOException {
        String unused = ask(
                place,
                KeeperRequest.of(
                        KeeperRequest.Kind.COPY_IN, source.toAbsolutePath().toString(), target));
    }

    /** Copies a file or directory out of a sandbox; returns what was left out, or nothing. */
    public static String copyOut(NamedSandbox place, String source, Path target)
            throws ConstruirException, IOException {
        return ask(
                place,
                KeeperRequest.of(
                        KeeperRequest.Kind.COPY_OUT,
                        source,
                        target.toAbsolutePath().toString()));
    }

    /**
     * Returns what a sandbox is, since when it is open in seconds since 1970, and how many commands run, with tabs
     * between.
     *
     * @param limit how long the answer may take
     */
    public static String state(NamedSandbox place, Duration limit) throws ConstruirException, IOException {
        try (Question question = new Question(place, limit)) {
            return question.ask(KeeperRequest.of(KeeperRequest.Kind.STATE));
        }
    }

    /**
     * Closes a sandbox, and waits until nothing of it is left.
     *
     * @param limit how long the answer may take
     * @param patience how long it may take from then on
     */
    public static void close(NamedSandbox place, Duration limit, Duration patience)
            throws ConstruirException, IOException {
        try (Question question = new Question(place, limit)) {
            String unused = question.ask(KeeperRequest.of(KeeperRequest.Kind.CLOSE));
            question.awaitEnd(patience);
        }
    }

    private static String ask(NamedSandbox place, KeeperRequest request) throws ConstruirException, IOException {
        try (Question question = new Question(place, Limits.UNLIMITED)) {
            return question.ask(request);
        }
    }
}
