package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.OpenRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port of the host's loopback that leads to one of the guest's. Owns the socket and a daemon thread. */
final class HostPort implements PortForward {
    private static final Logger LOG = LoggerFactory.getLogger(HostPort.class);
    private static final int BACKLOG = 128;

    private final MachineSandbox sandbox;
    private final int guestPort;
    private final ServerSocket server;
    private final OpenRelays relays = new OpenRelays();

    private HostPort(MachineSandbox sandbox, int guestPort, ServerSocket server) {
        this.sandbox = sandbox;
        this.guestPort = guestPort;
        this.server = server;
    }

    static HostPort open(MachineSandbox sandbox, int guestPort, int hostPort) throws IOException {
        HostPort port =
                new HostPort(sandbox, guestPort, new ServerSocket(hostPort, BACKLOG, InetAddress.getLoopbackAddress()));
        sandbox.thread("-forward-" + guestPort, port::accept);
        return port;
    }

    private void accept() {
        try {
            while (true) {
                connect(server.accept());
            }
        } catch (IOException | ConstruirException e) {
            LOG.debug("{}: no more connections: {}", sandbox, e.toString());
            close();
        }
    }

    private void connect(Socket socket) throws ConstruirException {
        boolean connected = false;
        try {
            ChannelStream stream =
                    sandbox.stream("could not pass on a connection", OpenRequest.connect(guestPort), length -> {});
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
        relays.close();
        sandbox.ended(this);
    }

    /** Returns where it leads. */
    @Override
    public String toString() {
        return address() + " to port " + guestPort + " of the guest";
    }
}
