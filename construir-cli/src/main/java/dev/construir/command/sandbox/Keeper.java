package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import dev.construir.command.sandbox.KeeperConnection.Message;
import dev.construir.sandbox.Command;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.Sandbox;
import dev.construir.text.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a sandbox and serves the commands that use it, until a command closes it or the sandbox ends. Owns a daemon
 * thread that accepts connections, and three or four for each connection.
 */
public final class Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final int BUFFER = 32 << 10;

    private final Sandbox sandbox;
    private final String image;
    private final Instant since = Instant.now();
    private final CountDownLatch over = new CountDownLatch(1);

    private Keeper(Sandbox sandbox, String image) {
        this.sandbox = sandbox;
        this.image = image;
    }

    /**
     * Serves a sandbox to its end.
     *
     * @param sandbox the sandbox; the caller closes it
     * @param image what it booted
     * @param place where it is found
     * @param ready is called when others can connect
     */
    public static void serve(Sandbox sandbox, String image, NamedSandbox place, Runnable ready)
            throws IOException, InterruptedException {
        Keeper keeper = new Keeper(sandbox, image);
        try (ServerSocketChannel server = place.listen()) {
            thread("construir-keeper", () -> keeper.accept(server));
            var unused = sandbox.ended().thenRun(keeper.over::countDown);
            ready.run();
            keeper.over.await();
        }
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept(ServerSocketChannel server) {
        try {
            while (true) {
                SocketChannel client = server.accept();
                thread("construir-keeper-client", () -> serve(client));
            }
        } catch (IOException e) {
            LOG.debug("no more clients: {}", e.toString());
            over.countDown();
        }
    }

    private void serve(SocketChannel client) {
        try (KeeperConnection connection = new KeeperConnection(client)) {
            Message first = connection.receive();
            KeeperEnd end;
            boolean closing = false;
            try {
                KeeperRequest request = KeeperRequest.decode(first.bytes());
                closing = request.kind() == KeeperRequest.Kind.CLOSE;
                end = perform(request, connection);
            } catch (ConstruirException | IllegalArgumentException e) {
                end = KeeperEnd.failed(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                end = KeeperEnd.failed(Reason.of(e));
            } catch (InterruptedException e) { // not expected: no code interrupts this thread
                end = KeeperEnd.failed("interrupted");
            }
            connection.send(KeeperConnection.Kind.END, end.encode());
            if (closing) {
                over.countDown();
            }
        } catch (EOFException e) {
            LOG.debug("a client left"); // or only looked whether somebody is there
        } catch (IOException e) {
            LOG.debug("a client is gone: {}", e.toString());
        }
    }

    private KeeperEnd perform(KeeperRequest request, KeeperConnection connection)
            throws ConstruirException, IOException, InterruptedException {
        return switch (request.kind()) {
            case EXEC -> execute(request, connection);
            case COPY_IN -> {
                sandbox.copyIn(Path.of(request.texts().get(0)), request.texts().get(1));
                yield KeeperEnd.done("");
            }
            case COPY_OUT -> {
                var report = sandbox.copyOut(
                        request.texts().get(0), Path.of(request.texts().get(1)));
                yield KeeperEnd.done(
                        report.skippedTotal() == 0 ? "" : report.skippedTotal() + " entries were left out");
            }
            case STATE ->
                KeeperEnd.done(image + "\t" + since.getEpochSecond() + "\t"
                        + sandbox.executions().size());
            case CLOSE -> KeeperEnd.done("");
        };
    }

    private KeeperEnd execute(KeeperRequest request, KeeperConnection connection)
            throws ConstruirException, IOException, InterruptedException {
        Command command = sandbox.exec(request.texts())
                .env(request.environment())
                .user(request.user())
                .directory(request.directory());
        if (request.rows() >= 0) {
            command.terminal(request.rows(), request.columns());
        }
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
