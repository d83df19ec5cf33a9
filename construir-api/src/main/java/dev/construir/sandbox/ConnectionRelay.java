package dev.construir.sandbox;

import dev.construir.channel.ChannelStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes bytes on between a connection of the host and a stream of the channel, until both directions have ended. Owns
 * both, and two daemon threads.
 */
final class ConnectionRelay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionRelay.class);

    private final Socket socket;
    private final ChannelStream stream;

    private ConnectionRelay(Socket socket, ChannelStream stream) {
        this.socket = socket;
        this.stream = stream;
    }

    static ConnectionRelay start(MachineSandbox sandbox, Socket socket, ChannelStream stream) {
        ConnectionRelay relay = new ConnectionRelay(socket, stream);
        sandbox.thread("-to-guest", relay::toGuest);
        sandbox.thread("-to-host", relay::toHost);
        return relay;
    }

    private void toGuest() {
        try (OutputStream out = stream.input()) {
            socket.getInputStream().transferTo(out);
        } catch (IOException e) {
            abandon(e);
        }
    }

    private void toHost() {
        try (InputStream in = stream.output()) {
            in.transferTo(socket.getOutputStream());
            socket.shutdownOutput();
            var unused = stream.ended().join();
            close();
        } catch (IOException | RuntimeException e) {
            abandon(e);
        }
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
            socket.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed: {}", e.toString());
        }
    }
}
