package dev.construir.sandbox;

import dev.construir.channel.ChannelStream;
import dev.construir.channel.StreamEnd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes bytes on between a connection of the host and a stream of the channel, until both directions have ended. Owns
 * both, and two daemon threads.
 *
 * <p>The end of one direction leaves the other as it is. A connection that breaks in the guest or with its sandbox is
 * reset on the host, so that what has come of it does not look whole.
 */
final class ConnectionRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionRelay.class);

    private static final int BUFFER = 16 << 10;
    // When a socket is closed, its peer loses what it has not read if it still sends.
    private static final long LINGER_SECONDS = 30;

    private final Socket socket;
    private final ChannelStream stream;
    private final CompletableFuture<Void> allRead = new CompletableFuture<>(); // from the socket
    private volatile boolean whole; // what the socket was given

    private ConnectionRelay(Socket socket, ChannelStream stream) {
        this.socket = socket;
        this.stream = stream;
    }

    static ConnectionRelay start(MachineSandbox sandbox, Socket socket, ChannelStream stream) {
        ConnectionRelay relay = new ConnectionRelay(socket, stream);
        boolean started = false;
        try {
            sandbox.thread("-to-guest", relay::toGuest);
            sandbox.thread("-to-host", relay::toHost);
            started = true;
            return relay;
        } finally {
            if (!started) {
                relay.close();
            }
        }
    }

    private void toGuest() {
        try {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[BUFFER];
            boolean taken = true;
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                taken = taken && isTaken(buffer, length); // the rest is dropped
            }
            if (taken) {
                stream.input().close();
            }
        } catch (IOException e) {
            abandon(e); // without an end that the guest would take for a whole
        } finally {
            allRead.complete(null);
        }
    }

    /** Writes to the guest, where a server may have gone after its answer. */
    private boolean isTaken(byte[] bytes, int length) {
        try {
            stream.input().write(bytes, 0, length);
            return true;
        } catch (IOException e) {
            LOG.debug("a connection of a sandbox takes no more: {}", e.toString());
            return false;
        }
    }

    private void toHost() {
        try (InputStream in = stream.output()) {
            OutputStream out = socket.getOutputStream();
            long count = in.transferTo(out);
            if (!stream.output().isComplete()) {
                checkEnd(count);
            }
            socket.shutdownOutput();
            whole = true;
            linger();
            close();
        } catch (IOException | RuntimeException e) {
            abandon(e);
        }
    }

    /** Checks an end of the stream before that of its data. */
    private void checkEnd(long count) throws IOException {
        StreamEnd end = stream.ended().join();
        boolean refused = count == 0 && stream.started().isCompletedExceptionally();
        if (end.how() != StreamEnd.How.EXITED && !refused) {
            throw new IOException("it broke in the guest");
        }
    }

    /** Waits for the stream's end, and for the socket's: for a time, if its peer's bytes are only dropped. */
    private void linger() {
        Object unused = stream.ended().handle((end, lost) -> "ended").join();
        Object none = allRead.copy()
                .completeOnTimeout(null, LINGER_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    boolean isOver() {
        return stream.ended().isDone() && socket.isClosed();
    }

    private void abandon(Exception why) {
        LOG.debug("a connection of a sandbox ended: {}", why.toString());
        close();
    }

    @Override
    public void close() {
        stream.close();
        try {
            if (!whole && !socket.isClosed()) {
                socket.setSoLinger(true, 0); // closing resets it then
            }
        } catch (IOException e) {
            LOG.debug("a connection could not be reset: {}", e.toString());
        }
        OpenRelays.close(socket);
    }
}
