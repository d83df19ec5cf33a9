package dev.construir.command.sandbox;

import dev.construir.ConstruirException;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A question to a keeper, whose answer may take so long: one that is stopped accepts connections all the same. */
final class Question implements AutoCloseable {
    private final NamedSandbox place;
    private final Duration limit;
    private final SocketChannel channel;
    private final KeeperConnection connection;

    Question(NamedSandbox place, Duration limit) throws IOException {
        this.place = place;
        this.limit = limit;
        this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        this.connection = new KeeperConnection(channel);
    }

    /** What is done while the connection may be closed because it takes too long. */
    @FunctionalInterface
    private interface Exchange<T> {
        T perform() throws ConstruirException, IOException;
    }

    /**
     * Asks, and returns what is said.
     *
     * @throws UnservedException if nobody answers in time
     * @throws ConstruirException if the answer is a failure
     */
    String ask(KeeperRequest request) throws ConstruirException, IOException {
        KeeperEnd end = within(limit, () -> {
            place.connect(channel);
            connection.send(KeeperConnection.Kind.REQUEST, request.encode());
            return KeeperEnd.decode(connection.receive().bytes());
        });
        if (end.isFailure()) {
            throw new ConstruirException(end.text());
        }
        return end.text();
    }

    /** Waits until the keeper ends the connection. */
    void awaitEnd(Duration patience) throws ConstruirException, IOException {
        try {
            KeeperConnection.Message more = within(patience, connection::receive);
            throw new IOException("the keeper of the sandbox " + place.name() + " goes on, with " + more.kind());
        } catch (EndedException e) {
            return;
        } catch (UnservedException e) {
            throw new ConstruirException(
                    "the sandbox " + place.name() + " did not end within " + patience.toSeconds() + " s; see "
                            + place.log(),
                    e);
        }
    }

    /** The keeper has ended the connection. */
    private static final class EndedException extends ConstruirException {
        private static final long serialVersionUID = 1;

        EndedException(NamedSandbox place, IOException cause) {
            super("the sandbox " + place.name() + " ended meanwhile", cause);
        }
    }

    private <T> T within(Duration time, Exchange<T> exchange) throws ConstruirException, IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletableFuture<Void> late = done.copy()
                .orTimeout(time.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(failure -> {
                    close();
                    return null;
                });
        try {
            return exchange.perform();
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (ClosedChannelException e) {
            if (late.isDone() || e instanceof AsynchronousCloseException) {
                throw place.silent(time.toSeconds(), e);
            }
            throw e;
        } catch (EOFException e) {
            throw new EndedException(place, e);
        } finally {
            done.complete(null);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException e) {
            // nothing more is asked
        }
    }
}
