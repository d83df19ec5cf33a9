package dev.construir.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes from one thread to another, of which a bounded number waits. Safe for use by many threads. */
final class BytePipe {
    // guarded by this
    private final byte[] ring;
    private int from;
    private int held;
    private boolean ended;
    private boolean broken;

    BytePipe(int capacity) {
        ring = new byte[capacity];
    }

    /** Reads some bytes, and waits for one at least; -1 at the end. */
    synchronized int read(ByteBuffer into) throws IOException, InterruptedException {
        while (held == 0 && !ended && !broken) {
            wait();
        }
        if (broken) {
            throw new IOException("the pipe is closed");
        } else if (held == 0) {
            return -1;
        }
        int count = Math.min(into.remaining(), held);
        int first = Math.min(count, ring.length - from);
        into.put(ring, from, first).put(ring, 0, count - first);
        from = (from + count) % ring.length;
        held -= count;
        notifyAll();
        return count;
    }

    /** Writes all bytes, and waits until there is room for them. */
    synchronized void write(ByteBuffer bytes) throws IOException, InterruptedException {
        while (bytes.hasRemaining()) {
            while (held == ring.length && !ended && !broken) {
                wait();
            }
            if (ended || broken) {
                throw new IOException("nobody reads what is written");
            }
            int at = (from + held) % ring.length;
            int count = Math.min(bytes.remaining(), Math.min(ring.length - held, ring.length - at));
            bytes.get(ring, at, count);
            held += count;
            notifyAll();
        }
    }

    /** Writes all bytes as {@link #write} does; an interrupt does not cut it short, and is kept. */
    void writeWhole(ByteBuffer bytes) throws IOException {
        boolean interrupted = false;
        try {
            while (bytes.hasRemaining()) {
                try {
                    write(bytes);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Nothing more is written; what waits can be read yet. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Nothing is read or written any more. */
    synchronized void close() {
        broken = true;
        notifyAll();
    }
}
