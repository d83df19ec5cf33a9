package dev.construir.libvirt.connection;

import java.nio.file.Path;

/** An event of a domain, as libvirt reports it. */
public sealed interface DomainChange {
    /** How a guest ended its machine. */
    enum GuestEnd {
        /** It powered it off. */
        POWER_OFF,
        /** It reset it. */
        RESET,
        /** Its kernel panicked. */
        PANIC
    }

    /** How a domain stopped. */
    enum Stop {
        /** By the guest's doing. */
        BY_GUEST,
        /** A client of libvirt destroyed it. */
        DESTROYED,
        /** Its hypervisor ended without being asked to. */
        FAILED
    }

    /**
     * The guest has ended the machine, which is about to stop.
     *
     * @param how by what
     */
    record GuestEnded(GuestEnd how) implements DomainChange {}

    /** The guest's kernel panicked; the domain stays, with the guest paused, until it is destroyed. */
    record Panicked() implements DomainChange {}

    /**
     * A disk could not grow, and the guest was paused.
     *
     * @param file the file behind the disk
     */
    record DiskFull(Path file) implements DomainChange {}

    /** The guest was paused by something that does not resume it: a watchdog, a migration, a failure of libvirt. */
    record Paused() implements DomainChange {}

    /**
     * The domain is gone.
     *
     * @param how by what
     */
    record Stopped(Stop how) implements DomainChange {}

    /**
     * The connection that the domain was started on is gone. No further change is reported.
     *
     * @param why what happened to it
     */
    record ConnectionLost(String why) implements DomainChange {}
}
