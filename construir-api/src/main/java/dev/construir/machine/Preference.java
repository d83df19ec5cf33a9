package dev.construir.machine;

/**
 * How much something is wanted that a host may or may not have.
 *
 * @since 0.1
 */
public enum Preference {
    /** Not used, even where it would work. */
    NEVER,
    /** Used where it works; otherwise the machine starts without it and its {@link MachineInfo} says why. */
    PREFER,
    /** Used, or the machine does not start. */
    REQUIRE
}
