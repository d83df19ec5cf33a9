package dev.construir.sandbox;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one forwarded port. Safe for use by many threads. */
final class OpenRelays implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenRelays.class);

    // guarded by this
    private final Set<ConnectionRelay> open = new HashSet<>();
    private boolean closed;

    void add(ConnectionRelay relay) {
        synchronized (this) {
            if (!closed) {
                open.removeIf(ConnectionRelay::isOver);
                open.add(relay);
                return;
            }
        }
        relay.close();
    }

    /** Returns how many are not over. */
    synchronized int count() {
        open.removeIf(ConnectionRelay::isOver);
        return open.size();
    }

    @Override
    public void close() {
        List<ConnectionRelay> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(open);
            open.clear();
        }
        all.forEach(ConnectionRelay::close);
    }

    static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a socket could not be closed: {}", e.toString());
        }
    }
}
