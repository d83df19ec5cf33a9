package dev.construir.machine;

/** What network a machine has. */
public enum Network {
    /** No network device at all. */
    NONE,
    /** Outgoing connections through the host; nothing can connect to the machine. */
    OUTBOUND
}
