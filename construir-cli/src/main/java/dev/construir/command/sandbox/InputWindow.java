package dev.construir.command.sandbox;

import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * How much input of a command may be on its way to it: a number of messages, each of which the keeper reports when it
 * was passed on. So the keeper never has to wait for the command while it listens to the client. Safe for use by many
 * threads.
 */
final class InputWindow {
    /** How many messages of input may be on their way. */
    static final int MESSAGES = 4;

    /** How much of it fits in a message. */
    static final int LARGEST = 32 << 10;

    // guarded by this
    private int free = MESSAGES;
    private boolean closed;

    /**
     * Waits until a message more may be sent.
     *
     * @throws IOException if the command takes no more
     * @throws InterruptedIOException if the thread was interrupted, whose interrupt status stays set
     */
    synchronized void await() throws IOException {
        try {
            while (free == 0 && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the command takes no input");
        }
        if (closed) {
            throw new IOException("the command takes no more input");
        }
        free--;
    }

    /** A message was passed on. */
    synchronized void taken() {
        free++;
        notifyAll();
    }

    /** No more is passed on. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
