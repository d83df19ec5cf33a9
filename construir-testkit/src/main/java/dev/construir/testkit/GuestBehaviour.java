package dev.construir.testkit;

/**
 * What the guests of the contract suite do, each after printing {@code construir: ready} on the console.
 *
 * @since 0.1
 */
public enum GuestBehaviour {
    /** Powers the machine off. */
    POWER_OFF,
    /** Resets the machine. */
    RESET,
    /** Does nothing, with a processor that sleeps. */
    HANG,
    /** Does nothing, with a processor that spins. */
    SPIN,
    /** Prints on the console for ever. */
    FLOOD,
    /** Prints on the console what is typed there, and powers the machine off when that is the byte 4, Ctrl-D. */
    ECHO,
    /** Prints {@code x} 65,536 times on the console, then powers the machine off. */
    PRINT
}
