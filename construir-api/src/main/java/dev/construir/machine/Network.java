package dev.construir.machine;

/** What network a machine has. */
public enum Network {
    /** No network device at all. */
    NONE,
    /**
     * Outgoing connections through the host; nothing can connect to the machine. The guest reaches what the host reaches, with
     * QEMU's user-mode network also the services that listen on the host's loopback only: not for jobs of strangers on a host that has such.
     */
    OUTBOUND
}
