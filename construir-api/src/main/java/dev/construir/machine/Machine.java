package dev.construir.machine;

import java.util.concurrent.CompletableFuture;

/** A machine that was started. Safe for use by many threads. */
public interface Machine extends AutoCloseable {
    /**
     * Tells what runs this machine.
     *
     * @return the same value at every call
     */
    MachineInfo info();

    /**
     * Tells how the machine ended. The future completes exactly once, never exceptionally, after the machine is gone and both of its
     * streams were read to their end; dependent actions run on a backend thread unless they are asynchronous.
     *
     * @return the same future at every call; completing it has no effect on the machine
     */
    CompletableFuture<MachineExit> exit();

    /**
     * Tells what the machine has used so far; after an end of its own or by {@link #kill}, what it has used in all, as far as it still
     * answered. Returns within a second, also when the machine does not answer.
     *
     * @return the latest usage known
     */
    Usage usage();

    /**
     * Asks for the machine to be ended without regard for the guest, and returns at once. The first reason counts; after the end
     * nothing happens.
     *
     * @param why the reason, as {@link MachineExit.Killed} will give it
     */
    void kill(String why);

    /**
     * Kills the machine if it still runs, waits until it is gone, or given up as {@link MachineExit.Lost}, and releases all it held on the
     * host. Idempotent. An interrupt does not
     * cut the wait short, and the thread's interrupt status is kept.
     */
    @Override
    void close();
}
