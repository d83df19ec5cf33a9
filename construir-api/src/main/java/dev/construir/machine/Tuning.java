package dev.construir.machine;

/** Trades that a machine may make for speed. */
public enum Tuning {
    /**
     * A guest's flush returns without waiting for the host's storage. The guest's writes are still in the host's page cache, so that
     * they outlive the machine, but not a crash of the host.
     */
    DISCARD_HOST_FLUSHES
}
