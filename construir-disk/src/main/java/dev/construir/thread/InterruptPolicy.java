package dev.construir.thread;

import java.nio.channels.ClosedByInterruptException;

/** What an interrupt of the thread means to something that may take long. */
public enum InterruptPolicy {
    /** It ends with a {@link ClosedByInterruptException}; the thread stays interrupted. */
    HEEDED,
    /** It goes on to its end; the thread stays interrupted. */
    IGNORED;

    /**
     * Throws if the thread is interrupted and this policy ends the work then.
     *
     * @throws ClosedByInterruptException if so; the thread stays interrupted
     */
    public void check() throws ClosedByInterruptException {
        if (this == HEEDED && Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
    }
}
