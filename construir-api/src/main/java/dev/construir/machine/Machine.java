package dev.construir.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
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
     * Types on the machine's console, the first serial port: what the guest reads there. Nothing is added, no line feed either, and
     * nothing is echoed but by the guest.
     *
     * <p>Blocks until the hypervisor has taken the bytes, of which a limited number wait on the host: for as long as the guest does not
     * read, or the machine's end. The bytes of one call are not mixed with those of another.
     *
     * @param bytes what to type; the position afterwards tells how many bytes were accepted
     * @throws IOException if the machine ended before it took them all, or has ended already
     * @throws InterruptedException if the thread was interrupted; what was accepted may reach the guest nevertheless, and the machine
     *     goes on
     * @throws UnsupportedOperationException if the backend cannot type, which is what this method does unless it is overridden
     */
    default void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        throw new UnsupportedOperationException("the backend " + info().hypervisor()
                + " cannot type on a machine's console; use another one, for example qemu");
    }

    /**
     * Asks for the machine to be ended without regard for the guest, and returns at once. The first reason counts; after the end
     * nothing happens.
     *
     * @param why the reason, as {@link MachineExit.Killed} will give it
     */
    void kill(String why);

    /**
     * Kills the machine if it still runs, waits until it is gone, or given up as {@link MachineExit.Lost}, and releases all it held on the
     * host. Idempotent. An interrupt does not cut the wait short, and the thread's interrupt status is kept.
     */
    @Override
    void close();
}
