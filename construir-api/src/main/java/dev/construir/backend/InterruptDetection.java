package dev.construir.backend;

import java.nio.channels.ClosedByInterruptException;

/**
 * Distinguishes an interrupt from a failure of I/O: Java's channels report an interrupt by an exception without a
 * message.
 *
 * @since 0.1
 */
public final class InterruptDetection {
    private InterruptDetection() {}

    /**
     * Turns a failure into the interrupt that caused it, if one did. The thread's interrupt status is cleared then.
     *
     * @param failure what went wrong
     * @throws InterruptedException if it went wrong because the thread was interrupted, or the thread is interrupted by
     *     now
     */
    public static void check(Exception failure) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        for (Throwable cause = failure; cause != null && !interrupted; cause = cause.getCause()) {
            interrupted = cause instanceof ClosedByInterruptException;
        }
        if (interrupted) {
            InterruptedException interrupt = new InterruptedException("interrupted while a machine was being started");
            interrupt.initCause(failure);
            throw interrupt;
        }
    }
}
