package dev.construir.sandbox;

import java.net.InetSocketAddress;

/**
 * Connections that are passed on between the host and a sandbox while this is open. Ends with its sandbox. Safe for use
 * by many threads.
 *
 * <p>Each direction of a connection ends by itself. A connection that breaks in the guest, or that is open when its port
 * or sandbox ends, is reset on the host: what its client has received by then is no whole answer.
 *
 * @since 0.1
 */
public interface PortForward extends AutoCloseable {
    /**
     * Returns where connections are accepted: an address of the host's loopback for {@link Sandbox#forward}, of the
     * guest's for {@link Sandbox#listen}.
     *
     * @return address and port
     */
    InetSocketAddress address();

    /**
     * Returns the port at which connections are accepted.
     *
     * @return 1 to 65535
     */
    default int port() {
        return address().getPort();
    }

    /** Accepts no more connections, and resets those there are. Idempotent. */
    @Override
    void close();
}
