package dev.construir.command.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * Output on its way from the thread that receives it to its reader, a bounded part of which waits. Unlike the pipes of
 * the JDK it wakes the reader at once, and does not fail when the reader has gone. Safe for use by many threads.
 */
final class OutputPipe extends InputStream {
    private final int bound;
    // guarded by this
    private final Deque<byte[]> pieces = new ArrayDeque<>();
    private int position; // in the first piece
    private int held;
    private boolean ended;
    private boolean closed;

    /**
     * Creates a pipe.
     *
     * @param bound how many bytes may wait; a larger piece waits alone
     */
    OutputPipe(int bound) {
        this.bound = bound;
    }

    /** Takes a piece, which is not copied, and waits for room; drops it if nobody will read it. */
    synchronized void put(byte[] bytes) throws InterruptedIOException {
        try {
            while (!closed && held > 0 && held + bytes.length > bound) {
                wait();
            }
        } catch (InterruptedException e) {
            throw interrupted("interrupted while output waits for its reader");
        }
        if (!closed && bytes.length > 0) {
            pieces.add(bytes);
            held += bytes.length;
            notifyAll();
        }
    }

    /** Says that no more pieces come. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    private static InterruptedIOException interrupted(String message) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(message);
    }

    /**
     * Reads what has come, and waits if that is nothing.
     *
     * @throws IOException if this was closed
     * @throws InterruptedIOException if the thread was interrupted, whose interrupt status stays set; nothing is lost
     */
    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        try {
            while (held == 0 && !closed && !ended) {
                wait();
            }
        } catch (InterruptedException e) {
            throw interrupted("interrupted while waiting for output");
        }
        if (closed) {
            throw new IOException("the stream is closed");
        } else if (held == 0) {
            return -1;
        }
        byte[] first = pieces.element();
        int count = Math.min(length, first.length - position);
        System.arraycopy(first, position, into, offset, count);
        position += count;
        held -= count;
        if (position == first.length) {
            pieces.remove();
            position = 0;
        }
        notifyAll();
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    /** Returns how much can be read without waiting. */
    @Override
    public synchronized int available() {
        return held;
    }

    /** Drops what has come and what comes. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        pieces.clear();
        held = 0;
        position = 0;
        notifyAll();
    }
}
