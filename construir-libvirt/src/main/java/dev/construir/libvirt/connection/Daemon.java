package dev.construir.libvirt.connection;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A libvirt daemon, reached by one connection at a time: a new one when the last is lost. Safe for use by many threads. */
public final class Daemon implements AutoCloseable {
    private final URI uri;
    private @Nullable Connection current;
    private boolean closed;

    /**
     * Creates it without connecting.
     *
     * @param uri which libvirt
     */
    public Daemon(URI uri) {
        this.uri = uri;
    }

    /**
     * Tells which it is.
     *
     * @return the URI
     */
    public URI uri() {
        return uri;
    }

    /**
     * Tells whether it runs its machines on this host.
     *
     * @return whether its URI names no other one
     */
    public boolean isLocal() {
        return uri.getHost() == null;
    }

    /**
     * Returns the connection, opening one if there is none or the last one is lost.
     *
     * @return the connection, which stays this object's
     * @throws LibvirtCallException if none can be had
     */
    public synchronized Connection connection() throws LibvirtCallException {
        if (closed) {
            throw new LibvirtCallException(
                    LibvirtCallException.Kind.NO_CONNECTION, "the connection to " + uri + " was closed");
        }
        Connection known = current;
        if (known != null && known.lost().isPresent()) {
            current = null;
            known.close();
            known = null;
        }
        if (known == null) {
            known = Connection.open(uri);
            current = known;
        }
        return known;
    }

    /** Closes the connection, and opens none any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
