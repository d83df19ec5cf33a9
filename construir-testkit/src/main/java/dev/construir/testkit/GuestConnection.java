package dev.construir.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection of the guest's loopback, which is the host's as well. */
final class GuestConnection implements GuestTask {
    private static final int REFUSED = 111; // ECONNREFUSED
    private static final int CANCELLED = 125; // ECANCELED
    private static final int CONNECT_MILLIS = 5000;

    private final GuestAgent agent;
    private final GuestStream stream;
    private final Socket socket;
    private final int port;
    private final AtomicInteger open = new AtomicInteger(2);

    private GuestConnection(GuestAgent agent, GuestStream stream, Socket socket, int port) {
        this.agent = agent;
        this.stream = stream;
        this.socket = socket;
        this.port = port;
    }

    static GuestConnection to(GuestAgent agent, GuestStream stream, int port) {
        return new GuestConnection(agent, stream, new Socket(), port);
    }

    static GuestConnection of(GuestAgent agent, GuestStream stream, Socket accepted) {
        return new GuestConnection(agent, stream, accepted, 0);
    }

    @Override
    public GuestStream stream() {
        return stream;
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
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    @Override
    public void reset() {
        end(GuestStream.EXITED, 0, "");
    }
}
