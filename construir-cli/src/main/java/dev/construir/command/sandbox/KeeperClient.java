package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperConnection.Message;
import dev.construir.sandbox.Execution;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
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
        return RemoteExecution.start(new KeeperConnection(place.connect()), request);
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

    /** Returns what a sandbox is, since when it is open in seconds since 1970, and how many commands run, with tabs between. */
    public static String state(NamedSandbox place) throws ConstruirException, IOException {
        return ask(place, KeeperRequest.of(KeeperRequest.Kind.STATE));
    }

    /** Closes a sandbox. */
    public static void close(NamedSandbox place) throws ConstruirException, IOException {
        String unused = ask(place, KeeperRequest.of(KeeperRequest.Kind.CLOSE));
    }

    private static String ask(NamedSandbox place, KeeperRequest request) throws ConstruirException, IOException {
        try (KeeperConnection connection = new KeeperConnection(place.connect())) {
            connection.send(KeeperConnection.Kind.REQUEST, request.encode());
            Message answer = connection.receive();
            KeeperEnd end = KeeperEnd.decode(answer.bytes());
            if (end.isFailure()) {
                throw new ConstruirException(end.text());
            }
            return end.text();
        } catch (EOFException e) {
            throw new ConstruirException("the sandbox " + place.name() + " ended meanwhile", e);
        }
    }
}
