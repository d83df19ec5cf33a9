package dev.construir.machine;

/**
 * A machine that was resumed and waits, paused, for its own disks. It is started once, or closed. After {@link #start}
 * the caller closes the {@link Machine}; closing this does nothing then. Safe for use by many threads.
 *
 * @since 0.1
 */
public interface WarmMachine extends AutoCloseable {
    /**
     * Lets the machine run, with the files that its specification names, which must be there by now.
     *
     * @param listener receives what it says
     * @return the machine, to be closed by the caller
     * @throws HypervisorException if it cannot be started, or is not there any more; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    Machine start(MachineListener listener) throws HypervisorException, InterruptedException;

    /** Ends a machine that was not started, and waits until it is gone. Idempotent. */
    @Override
    void close();
}
