package dev.construir.libvirt.connection;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.construir.libvirt.connection.DomainChange.GuestEnd;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the one event of QEMU itself that distinguishes a power-off from a reset (libvirt/libvirt-qemu.h).
 * libvirt's own events do not, and its binding lacks this one.
 */
final class MonitorEvents {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorEvents.class);
    private static final int UUID_TEXT = 37; // with the zero byte

    private final QemuLibrary qemu;
    private final Pointer connection;
    private final EventCallback callback; // held here, as native code holds no Java object
    private final int registration;

    private MonitorEvents(QemuLibrary qemu, Pointer connection, EventCallback callback, int registration) {
        this.qemu = qemu;
        this.connection = connection;
        this.callback = callback;
        this.registration = registration;
    }

    /** What is used of libvirt-qemu.so. */
    interface QemuLibrary extends Library {
        int virConnectDomainQemuMonitorEventRegister(
                Pointer connection,
                @Nullable Pointer domain,
                String event,
                EventCallback callback,
                @Nullable Pointer opaque,
                @Nullable Callback free,
                int flags);

        int virConnectDomainQemuMonitorEventDeregister(Pointer connection, int registration);
    }

    /** What is used of libvirt.so. */
    interface DomainLibrary extends Library {
        int virDomainGetUUIDString(Pointer domain, byte[] text);
    }

    /** virConnectDomainQemuMonitorEventCallback. */
    interface EventCallback extends Callback {
        void event(
                Pointer connection,
                Pointer domain,
                String event,
                long seconds,
                int micros,
                @Nullable String details,
                @Nullable Pointer opaque);
    }

    /**
     * Starts to listen.
     *
     * @return the registration, or empty where it is not to be had: then it stays unknown how a guest ended
     */
    static Optional<MonitorEvents> listen(Pointer connection, BiConsumer<UUID, GuestEnd> listener) {
        try {
            QemuLibrary qemu = Native.load("virt-qemu", QemuLibrary.class);
            DomainLibrary domains = Native.load("virt", DomainLibrary.class);
            EventCallback callback = (from, domain, event, seconds, micros, details, opaque) ->
                    report(domains, domain, String.valueOf(details), listener);
            int registration = qemu.virConnectDomainQemuMonitorEventRegister(
                    connection, null, "SHUTDOWN", callback, null, null, 0);
            if (registration >= 0) {
                return Optional.of(new MonitorEvents(qemu, connection, callback, registration));
            }
            LOG.debug("libvirt does not pass QEMU's events on: a reset will look like a power-off");
        } catch (UnsatisfiedLinkError e) {
            LOG.debug("libvirt-qemu.so cannot be used: a reset will look like a power-off", e);
        }
        return Optional.empty();
    }

    /** Stops to listen; to be called before the connection is closed, which it would keep open. */
    void stop() {
        if (qemu.virConnectDomainQemuMonitorEventDeregister(connection, registration) < 0) {
            LOG.debug("libvirt did not forget the listener {}", callback);
        }
    }

    private static void report(
            DomainLibrary domains, Pointer domain, String details, BiConsumer<UUID, GuestEnd> listener) {
        byte[] text = new byte[UUID_TEXT];
        Optional<GuestEnd> end = guestEnd(details);
        if (end.isPresent() && domains.virDomainGetUUIDString(domain, text) == 0) {
            listener.accept(UUID.fromString(new String(text, 0, UUID_TEXT - 1, StandardCharsets.US_ASCII)), end.get());
        }
    }

    /** Reads the reason out of the event's JSON, of which no guest chooses a character. */
    static Optional<GuestEnd> guestEnd(String details) {
        if (details.contains("\"guest-shutdown\"")) {
            return Optional.of(GuestEnd.POWER_OFF);
        }
        if (details.contains("\"guest-reset\"") || details.contains("\"subsystem-reset\"")) {
            return Optional.of(GuestEnd.RESET);
        }
        return details.contains("\"guest-panic\"") ? Optional.of(GuestEnd.PANIC) : Optional.empty();
    }
}
