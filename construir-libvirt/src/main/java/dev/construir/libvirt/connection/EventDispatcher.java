package dev.construir.libvirt.connection;

import dev.construir.libvirt.connection.DomainChange.Stop;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.event.ConnectionCloseListener;
import org.libvirt.event.ConnectionCloseReason;
import org.libvirt.event.DomainEvent;
import org.libvirt.event.IOErrorAction;
import org.libvirt.event.IOErrorListener;
import org.libvirt.event.LifecycleListener;
import org.libvirt.event.StoppedDetail;
import org.libvirt.event.SuspendedDetail;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the events of a connection and hands each to the listener of its domain. Runs on libvirt's event loop, where
 * nothing may take long. Safe for use by many threads.
 */
final class EventDispatcher implements ConnectionCloseListener, LifecycleListener, IOErrorListener {
    private static final Logger LOG = LoggerFactory.getLogger(EventDispatcher.class);

    private final URI uri;
    private final Map<UUID, Consumer<DomainChange>> listeners = new ConcurrentHashMap<>();
    private volatile @Nullable String lost;

    /**
     * Creates a dispatcher.
     *
     * @param uri the libvirt that the connection leads to
     */
    EventDispatcher(URI uri) {
        this.uri = uri;
    }

    /**
     * Sends the changes of a domain to a listener from now on.
     *
     * @throws IllegalArgumentException if the domain has a listener already
     */
    void add(UUID id, Consumer<DomainChange> listener) {
        if (listeners.putIfAbsent(id, listener) != null) {
            throw new IllegalArgumentException("there is a domain " + id + " on this connection already");
        }
    }

    /** Sends no more changes of a domain. */
    void remove(UUID id) {
        listeners.remove(id);
    }

    /** Hands a change to the listener of a domain, if it has one. */
    void dispatch(UUID id, DomainChange change) {
        Consumer<DomainChange> listener = listeners.get(id);
        if (listener != null) {
            listener.accept(change);
        }
    }

    /** Returns what happened to the connection, or empty if it is not known to be lost. */
    Optional<String> lost() {
        return Optional.ofNullable(lost);
    }

    @Override
    public void onClose(Connect connect, ConnectionCloseReason reason) {
        String why = switch (reason) {
            case KEEPALIVE -> "libvirt at " + uri + " did not answer any more";
            case EOF -> "libvirt at " + uri + " closed the connection";
            default -> "the connection to libvirt at " + uri + " broke";
        };
        lost = why;
        LOG.warn("{}", why);
        listeners.values().forEach(listener -> listener.accept(new DomainChange.ConnectionLost(why)));
    }

    @Override
    public int onLifecycleChange(Domain domain, DomainEvent event) {
        dispatch(domain, () -> change(event));
        return 0;
    }

    @Override
    public void onIOError(Domain domain, String file, String alias, IOErrorAction action) {
        // The policy of disks is libvirt's default, which pauses a guest for one error only, ENOSPC.
        dispatch(
                domain,
                () -> action == IOErrorAction.PAUSE
                        ? Optional.of(new DomainChange.DiskFull(Path.of(file)))
                        : Optional.empty());
    }

    private void dispatch(Domain domain, Supplier<Optional<DomainChange>> event) {
        try {
            Optional<DomainChange> change = event.get();
            if (change.isPresent()) {
                dispatch(UUID.fromString(domain.getUUIDString()), change.get());
            }
        } catch (LibvirtException | RuntimeException e) {
            LOG.warn("an event of libvirt was not understood", e);
        } finally {
            free(domain);
        }
    }

    private static void free(Domain domain) {
        try {
            domain.free();
        } catch (LibvirtException e) {
            LOG.debug("the domain of an event was not freed: {}", e.toString());
        }
    }

    private static Optional<DomainChange> change(DomainEvent event) {
        return switch (event.getType()) {
            case CRASHED -> Optional.of(new DomainChange.Panicked());
            case SUSPENDED -> {
                SuspendedDetail detail = event.getDetail();
                yield switch (detail) {
                    // An I/O error is reported with the file's name; the user who paused a domain can resume it.
                    case IOERROR, PAUSED -> Optional.empty();
                    default -> Optional.of(new DomainChange.Paused());
                };
            }
            case STOPPED -> {
                StoppedDetail detail = event.getDetail();
                yield Optional.of(new DomainChange.Stopped(
                        switch (detail) {
                            case SHUTDOWN, CRASHED -> Stop.BY_GUEST;
                            case DESTROYED -> Stop.DESTROYED;
                            default -> Stop.FAILED;
                        }));
            }
            default -> Optional.empty();
        };
    }
}
