package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.OpenRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port of the host's loopback that leads to one of the guest's. Owns the socket and a daemon thread. */
final class HostPort implements PortForward {
    private static final Logger LOG = LoggerFactory.getLogger(HostPort.class);
    private static final int BACKLOG = 128;
    private static final long PAUSE_MILLIS = 100;

    private final MachineSandbox sandbox;
    private final int guestPort;
    private final ServerSocket server;
    private final OpenRelays relays = new OpenRelays();
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean warned; // for the thread that accepts

    private HostPort(MachineSandbox sandbox, int guestPort, ServerSocket server) {
        this.sandbox = sandbox;
        this.guestPort = guestPort;
        this.server = server;
    }

    static HostPort open(MachineSandbox sandbox, int guestPort, int hostPort) throws IOException {
        return open(sandbox, guestPort, new ServerSocket(hostPort, BACKLOG, InetAddress.getLoopbackAddress()));
    }

    /** Accepts from a socket, which belongs to the port from now on. */
    static HostPort open(MachineSandbox sandbox, int guestPort, ServerSocket server) {
        HostPort port = new HostPort(sandbox, guestPort, server);
        boolean started = false;
        try {
            sandbox.thread("-forward-" + guestPort, port::accept);
            started = true;
            return port;
        } finally {
            if (!started) {
                OpenRelays.close(server);
            }
        }
    }

    private void accept() {
        try {
            for (Optional<Socket> next = next(); next.isPresent(); next = next()) {
                connect(next.get());
            }
        } catch (ConstruirException e) {
            LOG.debug("{}: no more connections: {}", sandbox, e.toString());
        } catch (InterruptedException e) { // not expected: no code interrupts this thread
            LOG.warn("{}: the thread that accepts connections was interrupted", this);
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: accepts no more connections", this, e);
        } finally {
            close(); // or those that come would wait for ever
        }
    }

    /** Returns the next connection; empty if the socket is closed. What else prevents one may pass. */
    private Optional<Socket> next() throws InterruptedException {
        while (true) {
            try {
                return Optional.of(server.accept());
            } catch (IOException e) {
                if (server.isClosed()) {
                    return Optional.empty();
                }
                if (!warned) {
                    warned = true;
                    LOG.warn("{}: cannot accept connections, and goes on trying: {}", this, e.toString());
                }
            }
            var unused = closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void connect(Socket socket) throws ConstruirException {
        boolean connected = false;
        try {
            ChannelStream stream =
                    sandbox.stream("could not pass on a connection", OpenRequest.connect(guestPort), length -> {});
            stream.errors().close(); // a connection has none
            relays.add(ConnectionRelay.start(sandbox, socket, stream));
            connected = true;
        } finally {
            if (!connected) {
                OpenRelays.close(socket);
            }
        }
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    @Override
    public void close() {
        OpenRelays.close(server);
        closed.countDown();
        relays.close();
        sandbox.ended(this);
    }

    /** Returns where it leads. */
    @Override
    public String toString() {
        return address() + " to port " + guestPort + " of the guest";
    }
}
