package dev.construir.machine;

import java.nio.ByteBuffer;

/**
 * Receives what a machine says while it runs.
 *
 * <p>Called on the backend's threads: each method by one thread at a time, different methods possibly at once, and none
 * of them after {@link Machine#exit()} has completed. Implementations return at once and throw nothing. A buffer may be
 * read only during the call.
 *
 * @since 0.1
 */
public interface MachineListener {
    /**
     * Takes bytes the machine wrote to its console, the first serial port. The guest chooses them.
     *
     * @param bytes the bytes, for the time of the call
     */
    void console(ByteBuffer bytes);

    /**
     * Takes bytes the guest wrote to the virtio-serial port {@value MachineSpec#OUTPUT_PORT}.
     *
     * @param bytes the bytes, for the time of the call
     */
    void output(ByteBuffer bytes);

    /** Called when the machine's processors run for the first time. */
    void running();

    /**
     * Receives what the start waits for: work that the backend does once for many machines. Called by the thread that
     * starts the machine, any number of times before {@link #running}, and never by a backend that prepares nothing.
     * Unless it is overridden it does nothing.
     *
     * @param work what is under way, and how much of it is done
     */
    default void preparing(Preparation work) {}
}
