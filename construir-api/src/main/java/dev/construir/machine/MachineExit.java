package dev.construir.machine;

import java.nio.file.Path;

/**
 * How a machine ended, as far as the hypervisor knows. What the guest left on its disks does not count.
 *
 * <p>{@link Killed} is reported only when {@link Machine#kill} ended the machine. Where the guest ended by itself
 * first, that is what is reported.
 *
 * @since 0.1
 */
public sealed interface MachineExit {
    /** The guest powered the machine off. */
    record PoweredOff() implements MachineExit {}

    /** The guest reset the machine. Machines are not restarted: a reset is an end. */
    record Rebooted() implements MachineExit {}

    /** The guest's kernel panicked and said so. */
    record Panicked() implements MachineExit {}

    /**
     * {@link Machine#kill} or {@link Machine#close} ended it.
     *
     * @param why the reason given
     */
    record Killed(String why) implements MachineExit {}

    /**
     * The hypervisor ended without being asked to.
     *
     * @param status the process's exit status, 128 + n for signal n, or -1 if it is not known
     * @param lastWords the end of what it wrote to its standard error, at most a few kilobytes
     */
    record Died(int status, String lastWords) implements MachineExit {}

    /**
     * The host's file system had no room for what the guest wrote, and the machine was ended.
     *
     * @param file the file that could not grow
     */
    record DiskFull(Path file) implements MachineExit {}

    /** The guest ended it, and the backend cannot distinguish a power-off from a reset or a panic. */
    record Ended() implements MachineExit {}

    /**
     * The backend lost sight of it.
     *
     * @param why what became unreachable, and how
     */
    record Lost(String why) implements MachineExit {}
}
