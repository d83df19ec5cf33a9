package dev.construir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection of the guest's loopback, which is the host's as well. */
final class GuestConnection extends GuestSocket<Socket> {
    private static final int REFUSED = 111; // ECONNREFUSED
    private static final int CANCELLED = 125; // ECANCELED
    private static final int CONNECT_MILLIS = 5000;

    private final int port;
    private final AtomicInteger open = new AtomicInteger(2);

    private GuestConnection(GuestAgent agent, GuestStream stream, Socket socket, int port) {
        super(agent, stream, socket);
        this.port = port;
    }

    static GuestConnection to(GuestAgent agent, GuestStream stream, int port) {
        return new GuestConnection(agent, stream, new Socket(), port);
    }

    static GuestConnection of(GuestAgent agent, GuestStream stream, Socket accepted) {
        return new GuestConnection(agent, stream, accepted, 0);
    }

    @Override
    public void begin() {
        Thread unused = agent.thread("connection-" + Integer.toUnsignedString(stream.id()), this::toHost);
    }

    private void toHost() {
        try {
            if (!socket.isConnected()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
                stream.started(0);
            }
        } catch (IOException e) {
            end(GuestStream.FAILED, REFUSED, "connect: " + e.getMessage());
            return;
        }
        Thread unused = agent.thread("connection-" + Integer.toUnsignedString(stream.id()) + "-in", this::toGuest);
        try {
            socket.getInputStream().transferTo(stream.output(1));
            stream.output(1).close();
            closed();
        } catch (IOException e) {
            end(GuestStream.FAILED, CANCELLED, String.valueOf(e.getMessage()));
        }
    }

    private void toGuest() {
        try {
            stream.input().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
            closed();
        } catch (IOException e) {
            end(GuestStream.FAILED, CANCELLED, String.valueOf(e.getMessage()));
        }
    }

    private void closed() {
        if (open.decrementAndGet() == 0) {
            end(GuestStream.EXITED, 0, "");
        }
    }
}
