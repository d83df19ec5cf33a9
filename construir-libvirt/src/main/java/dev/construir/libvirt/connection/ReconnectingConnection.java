package dev.construir.libvirt.connection;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A libvirt daemon, reached by one connection at a time: a new one when the last is lost. Safe for use by many threads.
 */
public final class ReconnectingConnection implements AutoCloseable {
    private static final int OPEN_LIMIT_SECONDS = 30; // ssh has 20 to reach another host

    private final URI uri;
    private @Nullable Connection current;
    private boolean closed;

    /**
     * Creates it without connecting.
     *
     * @param uri which libvirt
     */
    public ReconnectingConnection(URI uri) {
        this.uri = uri;
    }

    /**
     * Returns which libvirt it is.
     *
     * @return the URI
     */
    public URI uri() {
        return uri;
    }

    /**
     * Returns whether it runs its machines on this host.
     *
     * @return whether its URI names no other one
     */
    public boolean isLocal() {
        String authority = uri.getRawAuthority(); // a name that is no host's by RFC 2396, such as build_1, is one here
        return authority == null || authority.isEmpty();
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
            known = open();
            current = known;
        }
        return known;
    }

    // libvirt waits for a daemon that accepts connections and then hangs for as long as that does.
    private Connection open() throws LibvirtCallException {
        CompletableFuture<@Nullable Connection> opening = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        Connection opened = Connection.open(uri);
                        if (!opening.complete(opened)) {
                            opened.close(); // too late
                        }
                    } catch (LibvirtCallException | RuntimeException | LinkageError e) {
                        opening.completeExceptionally(e);
                    }
                },
                "construir-libvirt-open");
        thread.setDaemon(true);
        thread.start();
        opening.completeOnTimeout(null, OPEN_LIMIT_SECONDS, TimeUnit.SECONDS);
        try {
            Connection opened = opening.join();
            if (opened == null) {
                throw new LibvirtCallException(
                        LibvirtCallException.Kind.NO_CONNECTION,
                        "libvirt at " + uri + " did not answer within " + OPEN_LIMIT_SECONDS + " s");
            }
            return opened;
        } catch (CompletionException e) {
            if (e.getCause() instanceof LibvirtCallException failure) {
                throw failure;
            }
            if (e.getCause() instanceof LinkageError error) {
                throw error;
            }
            throw e;
        }
    }

    /** Closes the connection, until another one is wanted. */
    public synchronized void release() {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    /** Closes the connection, and opens none any more. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        release();
    }
}
