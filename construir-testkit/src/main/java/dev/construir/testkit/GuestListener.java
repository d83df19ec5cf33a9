package dev.construir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** A port of the guest's loopback, which is the host's as well, that leads to the host. */
final class GuestListener implements GuestTask {
    private static final int IN_USE = 98; // EADDRINUSE
    private static final int BACKLOG = 128;

    private final GuestAgent agent;
    private final GuestStream stream;
    private final int port;
    private final ServerSocket server;

    GuestListener(GuestAgent agent, GuestStream stream, int port) throws IOException {
        this.agent = agent;
        this.stream = stream;
        this.port = port;
        this.server = new ServerSocket();
    }

    @Override
    public GuestStream stream() {
        return stream;
    }

    @Override
    public void begin() {
        Thread unused = agent.thread("listener-" + stream.id(), this::accept);
    }

    private void accept() {
        try {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            stream.started(server.getLocalPort());
            while (true) {
                agent.accepted(stream, server.accept());
            }
        } catch (IOException e) {
            end(GuestStream.FAILED, IN_USE, "listen: " + e.getMessage());
        }
    }

    private void end(int how, int code, String message) {
        try {
            stream.end(how, code, message);
        } catch (IOException e) {
            // the machine has ended
        }
        stop();
        agent.ended(this);
    }

    @Override
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    @Override
    public void reset() {
        end(GuestStream.EXITED, 0, "");
    }
}
