package dev.construir.store;

/** How long what is kept is believed. */
public enum Durability {
    /**
     * Until the host starts anew: nothing is forced to the disk, as it is cheaper to make it again than to wait for
     * that. The only danger is a program that writes to the files, and that changes their stamps.
     */
    UNTIL_REBOOT,
    /**
     * For as long as its bytes are what they were: all of it is forced to the disk, and its digests are compared
     * whenever a stamp or the host's start is another.
     */
    DURABLE
}
