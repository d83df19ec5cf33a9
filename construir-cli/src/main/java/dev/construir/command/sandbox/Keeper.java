package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperConnection.Message;
import dev.construir.job.Limits;
import dev.construir.sandbox.Command;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxLostException;
import dev.construir.text.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a sandbox and serves the commands that use it, until a command closes it or the sandbox ends. Owns a daemon
 * thread that accepts connections, one that keeps a sandbox in use from being idle, and three or four for each
 * connection.
 *
 * <p>A command that closes the sandbox has an answer at once, and its connection ends when this is closed: when nothing
 * of the sandbox is left.
 */
public final class Keeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final int BUFFER = 32 << 10;
    /** So often is a sandbox used in the time of its limit of idleness. */
    private static final int PINGS = 4;

    private static final Duration LEAST_PATIENCE = Duration.ofSeconds(10);

    private final Instant since = Instant.now();
    private final CompletableFuture<Optional<String>> over = new CompletableFuture<>();
    private final AtomicInteger users = new AtomicInteger();
    private final List<KeeperConnection> closers = new CopyOnWriteArrayList<>();

    /**
     * What is kept.
     *
     * @param sandbox the sandbox; the caller closes it
     * @param image what it booted
     * @param idle its limit of idleness, which commands that run keep from being reached
     */
    public record Kept(Sandbox sandbox, String image, Duration idle) {}

    /** Is called when others can connect. */
    @FunctionalInterface
    public interface Ready {
        /**
         * Passes it on.
         *
         * @throws IOException if nobody wants the sandbox any more
         */
        void announce() throws IOException;
    }

    /**
     * Serves a sandbox to its end.
     *
     * @param kept the sandbox
     * @param claim where it is found
     * @param ready is called when others can connect
     * @return why it ended by itself; empty if a command closed it
     */
    public Optional<String> serve(Kept kept, Claim claim, Ready ready) throws IOException, InterruptedException {
        try (ServerSocketChannel server = claim.listen()) {
            thread("construir-keeper", () -> accept(server, kept, claim));
            thread("construir-keeper-use", () -> keepInUse(kept));
            var unused = kept.sandbox().ended().thenAccept(why -> over.complete(Optional.of(why)));
            ready.announce();
            return over.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an end that cannot fail failed", e);
        }
    }

    /** Reports to the clients that closed the sandbox that nothing of it is left. */
    @Override
    public void close() throws IOException {
        for (KeeperConnection closer : closers) {
            closer.close();
        }
    }

    // The limit is the machine's, which knows nothing of commands that neither compute nor print, as a shell at its
    // prompt. A guest that leaves a question without an answer for that long is idle.
    private void keepInUse(Kept kept) {
        Duration idle = kept.idle();
        if (idle.compareTo(Limits.UNLIMITED) >= 0) {
            return;
        }
        Duration patience = idle.compareTo(LEAST_PATIENCE) > 0 ? idle : LEAST_PATIENCE;
        try {
            while (!over.isDone()) {
                TimeUnit.NANOSECONDS.sleep(idle.toNanos() / PINGS);
                if (users.get() > 0) {
                    Duration unused = kept.sandbox().ping(patience);
                }
            }
        } catch (SandboxLostException e) {
            LOG.debug("not used any more: {}", e.toString());
        } catch (InterruptedException e) { // not expected: no code interrupts this thread
            LOG.debug("no more pings", e);
        }
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept(ServerSocketChannel server, Kept kept, Claim claim) {
        try {
            UserPrincipal self = Files.getOwner(claim.place().directory());
            while (true) {
                SocketChannel client = server.accept();
                thread("construir-keeper-client", () -> serve(client, self, kept));
            }
        } catch (IOException e) {
            LOG.debug("no more clients: {}", e.toString());
            over.complete(Optional.of("its keeper could take no more connections: " + Reason.of(e)));
        }
    }

    private void serve(SocketChannel client, UserPrincipal self, Kept kept) {
        KeeperConnection connection = new KeeperConnection(client);
        boolean closing = false;
        try {
            Peer.check(client, self);
            Message first = connection.receive();
            KeeperEnd end;
            try {
                KeeperRequest request = KeeperRequest.decode(first.bytes());
                closing = request.kind() == KeeperRequest.Kind.CLOSE;
                end = perform(request, connection, kept);
            } catch (ConstruirException | IllegalArgumentException e) {
                end = KeeperEnd.failed(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                end = KeeperEnd.failed(Reason.of(e));
            } catch (InterruptedException e) { // not expected: no code interrupts this thread
                end = KeeperEnd.failed("interrupted");
            }
            if (closing) {
                closers.add(connection);
            }
            connection.send(KeeperConnection.Kind.END, end.encode());
        } catch (EOFException e) {
            LOG.debug("a client left"); // or only looked whether somebody is there
        } catch (Peer.ForeignException e) {
            refuse(connection, e);
        } catch (IOException e) {
            LOG.debug("a client is gone: {}", e.toString());
        } finally {
            if (closing) {
                over.complete(Optional.empty());
            } else {
                close(connection);
            }
        }
    }

    private static void refuse(KeeperConnection connection, Peer.ForeignException e) {
        LOG.warn("refused a connection of {}", e.getMessage());
        try {
            KeeperEnd end = KeeperEnd.failed("the sandbox belongs to another user than " + e.getMessage());
            connection.send(KeeperConnection.Kind.END, end.encode());
        } catch (IOException gone) {
            LOG.debug("who was refused is gone: {}", gone.toString());
        }
    }

    private static void close(KeeperConnection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("the connection of a client: {}", e.toString());
        }
    }

    private KeeperEnd perform(KeeperRequest request, KeeperConnection connection, Kept kept)
            throws ConstruirException, IOException, InterruptedException {
        Sandbox sandbox = kept.sandbox();
        return switch (request.kind()) {
            case EXEC -> execute(request, connection, sandbox);
            case COPY_IN -> {
                SandboxFiles.copyIn(
                        sandbox,
                        Path.of(request.texts().get(0)),
                        request.texts().get(1));
                yield KeeperEnd.done("");
            }
            case COPY_OUT -> {
                var report = SandboxFiles.copyOut(
                        sandbox, request.texts().get(0), Path.of(request.texts().get(1)));
                yield KeeperEnd.done(
                        report.skippedTotal() == 0 ? "" : report.skippedTotal() + " entries were left out");
            }
            case STATE ->
                KeeperEnd.done(kept.image() + "\t" + since.getEpochSecond() + "\t"
                        + sandbox.executions().size());
            case CLOSE -> KeeperEnd.done("");
        };
    }

    private KeeperEnd execute(KeeperRequest request, KeeperConnection connection, Sandbox sandbox)
            throws ConstruirException, IOException, InterruptedException {
        Command command = sandbox.exec(request.texts())
                .env(request.environment())
                .user(request.user())
                .directory(request.directory());
        if (request.rows() >= 0) {
            command.terminal(request.rows(), request.columns());
        }
        users.incrementAndGet();
        try (Execution execution = command.start();
                InputRelay input = new InputRelay(connection, execution.stdin())) {
            InputStream out = execution.stdout();
            InputStream err = execution.stderr();
            if (!request.input()) {
                input.end();
            }
            thread("construir-keeper-client-input", () -> receive(connection, execution, input));
            Thread errors = thread(
                    "construir-keeper-errors", () -> pass(err, connection, KeeperConnection.Kind.ERRORS, execution));
            pass(out, connection, KeeperConnection.Kind.OUTPUT, execution);
            errors.join();
            return KeeperEnd.of(execution.await().end());
        } finally {
            users.decrementAndGet();
        }
    }

    private static void pass(
            InputStream from, KeeperConnection connection, KeeperConnection.Kind kind, Execution execution) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                connection.send(kind, buffer, read);
            }
        } catch (IOException e) {
            LOG.debug("the output of {} is passed on no more: {}", execution, e.toString());
        }
    }

    /** Never waits for the command: a client that goes away takes its command with it. */
    private static void receive(KeeperConnection connection, Execution execution, InputRelay input) {
        try {
            while (true) {
                Message message = connection.receive();
                switch (message.kind()) {
                    case INPUT -> input.add(message.bytes());
                    case INPUT_END -> input.end();
                    case SIGNAL -> execution.signal(message.bytes()[0]);
                    case RESIZE -> {
                        ByteBuffer size = ByteBuffer.wrap(message.bytes());
                        execution.resize(size.getInt(), size.getInt());
                    }
                    default -> throw new IOException("a message that no client sends");
                }
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("the client says no more: {}", e.toString());
            execution.close();
        }
    }
}
