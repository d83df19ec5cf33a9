package dev.construir.machine;

import java.time.Duration;

/**
 * What a machine has used since its start. Both only grow, so that two readings tell whether it does anything.
 *
 * @param cpu processor time of the whole machine on the host
 * @param diskBytes bytes the guest read from and wrote to its disks
 */
public record Usage(Duration cpu, long diskBytes) {
    /** Nothing used yet. */
    public static final Usage NONE = new Usage(Duration.ZERO, 0);
}
