package dev.construir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** A port of the guest's loopback, which is the host's as well, that leads to the host. */
final class GuestListener extends GuestSocket<ServerSocket> {
    private static final int IN_USE = 98; // EADDRINUSE
    private static final int BACKLOG = 128;

    private final int port;

    GuestListener(GuestAgent agent, GuestStream stream, int port) throws IOException {
        super(agent, stream, new ServerSocket());
        this.port = port;
    }

    @Override
    public void begin() {
        Thread unused = agent.thread("listener-" + stream.id(), this::accept);
    }

    private void accept() {
        try {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            stream.started(socket.getLocalPort());
            while (true) {
                agent.accepted(stream, socket.accept());
            }
        } catch (IOException e) {
            end(GuestStream.FAILED, IN_USE, "listen: " + e.getMessage());
        }
    }
}
