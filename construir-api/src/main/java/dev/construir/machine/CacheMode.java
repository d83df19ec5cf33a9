package dev.construir.machine;

/**
 * How a machine's disks treat a guest's flushes; the names are QEMU's (qemu(1), {@code -drive cache=}).
 *
 * @since 0.1
 */
public enum CacheMode {
    /** A guest's flush returns when the host's storage has the data. */
    WRITEBACK,

    /**
     * A guest's flush returns without waiting for the host's storage. The guest's writes are in the host's page cache:
     * they outlive the machine, but not a crash of the host.
     */
    UNSAFE
}
