package dev.construir.libvirt.connection;

import dev.construir.libvirt.connection.LibvirtCallException.Kind;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a libvirt daemon, from when it was opened until it is closed or lost. Domains that are started on it
 * end with it, if the daemon is there to see to that. Safe for use by many threads.
 *
 * <p>A call on a connection that is being closed by another thread would end the JVM: calls share a lock that closing
 * has to itself. Calls cannot be interrupted; one that gets no answer fails when the daemon has been silent for 20 s.
 */
public final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int KEEPALIVE_SECONDS = 5;
    private static final int KEEPALIVE_COUNT = 3;
    private static final int AUTODESTROY = Domain.CreateFlags.AUTODESTROY;

    private final URI uri;
    private final NativeConnect connect;
    private final boolean simulated;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final EventDispatcher events; // a strong reference, as the binding has only weak ones
    private Optional<MonitorEvents> monitor = Optional.empty();
    private boolean closed; // guarded by the lock

    private Connection(URI uri, NativeConnect connect) {
        this.uri = uri;
        this.connect = connect;
        this.events = new EventDispatcher(uri);
        this.simulated = "test".equals(uri.getScheme());
    }

    /** A call of libvirt that returns something. */
    @FunctionalInterface
    interface Call<T> {
        T on(Connect connect) throws LibvirtException;
    }

    /** A call of libvirt that returns nothing. */
    @FunctionalInterface
    interface Action {
        void on(Connect connect) throws LibvirtException;
    }

    /**
     * Opens a connection.
     *
     * @param uri which libvirt
     * @return the connection, to be closed by the caller
     * @throws LibvirtCallException if it cannot be opened; {@link LibvirtCallException.Kind#NO_CONNECTION} or {@code
     *     DENIED}
     */
    public static Connection open(URI uri) throws LibvirtCallException {
        return over(
                withLibrary(() -> {
                    EventLoop.start();
                    return new NativeConnect(uri);
                }),
                uri);
    }

    /**
     * Asks libvirt's client library for its version, which takes no daemon.
     *
     * @return the version, for example {@code 9.0.0}
     * @throws LibvirtCallException if there is no library; {@link LibvirtCallException.Kind#NO_CONNECTION}
     */
    public static String libraryVersion() throws LibvirtCallException {
        return withLibrary(() -> dotted(Library.getVersion()));
    }

    /** A call that needs the client library and no connection. */
    private interface LibraryCall<T> {
        T perform() throws LibvirtException;
    }

    private static <T> T withLibrary(LibraryCall<T> call) throws LibvirtCallException {
        try {
            return call.perform();
        } catch (LibvirtException e) {
            throw LibvirtCallException.noConnection(e);
        } catch (LinkageError e) {
            throw new LibvirtCallException(Kind.NO_CONNECTION, LibraryFault.describe(e));
        }
    }

    /** Listens to a connection that was opened, and owns it. */
    static Connection over(NativeConnect connect, URI uri) throws LibvirtCallException {
        Connection connection = new Connection(uri, connect);
        boolean listening = false;
        try {
            connection.listen();
            listening = true;
            return connection;
        } catch (LibvirtException e) {
            throw LibvirtCallException.noConnection(e);
        } finally {
            if (!listening) {
                connection.close();
            }
        }
    }

    private void listen() throws LibvirtException {
        connect.registerCloseListener(events);
        connect.addLifecycleListener(events);
        if (simulated) {
            return; // within this process: nothing to be kept alive, and no QEMU
        }
        connect.setKeepAlive(KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
        connect.addIOErrorListener(events);
        monitor = connect.pointer()
                .flatMap(pointer -> MonitorEvents.listen(
                        pointer, (id, end) -> events.dispatch(id, new DomainChange.GuestEnded(end))));
    }

    /**
     * Starts a domain that is gone when it ends, and ends with this connection.
     *
     * @param xml its description
     * @param id its identity, as the description says
     * @param listener receives its changes on the one thread of libvirt's event loop, until the domain is closed or
     *     {@linkplain #forget forgotten}; returns at once
     * @return the domain, to be closed by the caller
     * @throws LibvirtCallException if it was not started
     */
    public RunningDomain create(String xml, UUID id, Consumer<DomainChange> listener) throws LibvirtCallException {
        events.add(id, listener); // first, so that it receives what happens at once
        return call(on -> new RunningDomain(this, id, on.domainCreateXML(xml, simulated ? 0 : AUTODESTROY)));
    }

    /**
     * Ends the reports on a domain that was not started. Closing a domain does that for one that was.
     *
     * @param id its identity
     */
    public void forget(UUID id) {
        events.remove(id);
    }

    /**
     * Ends a domain of any process, if it is there.
     *
     * @param id its identity
     * @return whether there was one
     * @throws LibvirtCallException if it could not be ended, or libvirt does not answer
     */
    public boolean destroy(UUID id) throws LibvirtCallException {
        try {
            run(on -> {
                Domain domain = on.domainLookupByUUID(id);
                try {
                    domain.destroy();
                } finally {
                    domain.free();
                }
            });
            return true;
        } catch (LibvirtCallException e) {
            if (e.kind() == Kind.NO_DOMAIN) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Returns libvirt's description of its host.
     *
     * @return the capabilities, an XML document
     * @throws LibvirtCallException if libvirt does not answer
     */
    public String capabilities() throws LibvirtCallException {
        return call(Connect::getCapabilities);
    }

    /**
     * Returns the versions.
     *
     * @return libvirt's version and the hypervisor's, for example {@code 9.0.0 (QEMU 7.2.22)}
     * @throws LibvirtCallException if libvirt does not answer
     */
    public String version() throws LibvirtCallException {
        return call(on -> dotted(on.getLibVersion()) + " (" + on.getType() + " " + dotted(on.getVersion()) + ")");
    }

    /**
     * Returns whether libvirt reports how a guest ended its machine. Otherwise a reset looks like a power-off.
     *
     * @return whether {@link DomainChange.GuestEnded} comes before a domain stops by its guest's doing
     */
    public boolean reportsGuestEnds() {
        return monitor.isPresent();
    }

    /**
     * Returns why the connection cannot be used any more.
     *
     * @return what happened to it, or empty as long as nothing is known to have
     */
    public Optional<String> lost() {
        return events.lost();
    }

    /**
     * Returns which libvirt it leads to.
     *
     * @return the URI it was opened with
     */
    public URI uri() {
        return uri;
    }

    /** Closes it; domains started on it end. Waits for calls that are under way. Idempotent. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            monitor.ifPresent(MonitorEvents::stop);
            quietly(connect::unregisterCloseListener);
            quietly(() -> connect.removeLifecycleListener(events));
            if (!simulated) {
                quietly(() -> connect.removeIOErrorListener(events));
            }
            quietly(connect::close);
        } finally {
            lock.writeLock().unlock();
        }
    }

    <T> T call(Call<T> call) throws LibvirtCallException {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new LibvirtCallException(Kind.NO_CONNECTION, "the connection to " + uri + " was closed");
            }
            return call.on(connect);
        } catch (LibvirtException e) {
            throw lost().isEmpty() ? LibvirtCallException.of(e) : LibvirtCallException.noConnection(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    void run(Action action) throws LibvirtCallException {
        call(on -> {
            action.on(on);
            return true;
        });
    }

    private static String dotted(long version) {
        return version / 1_000_000 + "." + version / 1000 % 1000 + "." + version % 1000;
    }

    /** A part of closing. */
    private interface Part {
        void perform() throws LibvirtException;
    }

    private void quietly(Part part) {
        try {
            part.perform();
        } catch (LibvirtException e) {
            LOG.debug("closing the connection to {}: {}", uri, e.toString());
        }
    }
}
