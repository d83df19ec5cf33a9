package dev.construir.thread;

import java.nio.channels.ClosedByInterruptException;

/** What an interrupt of the thread does to an operation that may take long. */
public enum InterruptPolicy {
    /** The operation ends with a {@link ClosedByInterruptException}; the thread stays interrupted. */
    RESPECTED,
    /** The operation goes on to its end; the thread stays interrupted. */
    IGNORED;

    /**
     * Throws if the thread is interrupted, and interrupts are {@link #RESPECTED}.
     *
     * @throws ClosedByInterruptException if so; the thread stays interrupted
     */
    public void check() throws ClosedByInterruptException {
        if (this == RESPECTED && Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
    }
}
