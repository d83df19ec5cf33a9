package dev.construir.channel;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the guest sends on one channel of a stream: kept until it is read, at most a window of it, or handed on at once.
 * The guest may send as much again as was read. Safe for use by many threads.
 */
public final class InboundChannel extends InputStream {
    /** How much a channel may have on its way. */
    static final int WINDOW = 262_144;

    private static final int SMALLEST_RING = 4096;
    private static final int WORTH_A_FRAME = WINDOW / 4;

    private final WindowSender windows;
    // guarded by this
    private byte[] ring = new byte[0];
    private int from;
    private int held;
    private int room = WINDOW; // what the guest may still send
    private int consumed; // and not yet granted again
    private boolean ended;
    private boolean complete;
    private @Nullable IOException failure;
    private @Nullable Sink sink;
    private boolean closed;
    private boolean abandoned;
    private @Nullable Runnable whenFull;
    private @Nullable Runnable whenWaiting;

    /** Lets the guest send more. */
    @FunctionalInterface
    interface WindowSender {
        /** Grants so many bytes. Does not wait. */
        void grant(int bytes);
    }

    /** Receives bytes as they come, on the session's thread. Returns at once and throws nothing. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes bytes.
         *
         * @param bytes the bytes, for the time of the call
         */
        void take(ByteBuffer bytes);
    }

    InboundChannel(WindowSender windows) {
        this.windows = windows;
    }

    /**
     * Hands on what has come and what comes from now on, instead of keeping it. The guest never waits then.
     *
     * @param to receives the bytes
     */
    public synchronized void drainTo(Sink to) {
        sink = to;
        if (held > 0) {
            byte[] bytes = new byte[held];
            int unused = copy(bytes, 0, held);
            to.take(ByteBuffer.wrap(bytes));
            consume(bytes.length);
        }
        ring = new byte[0];
        notifyAll();
    }

    /**
     * Sets what is called, on the session's thread and without a lock, whenever the window is used up and the guest
     * waits.
     *
     * @param action returns at once
     */
    public void whenFull(Runnable action) {
        synchronized (this) {
            whenFull = action;
        }
        if (isFull()) {
            action.run();
        }
    }

    /**
     * Sets what is called, on the reading thread and without a lock, whenever that begins to wait.
     *
     * @param action returns at once
     */
    public synchronized void whenWaiting(Runnable action) {
        whenWaiting = action;
    }

    /**
     * Passes on a copy of what has come and was not read yet, which stays.
     *
     * @param to receives the bytes
     */
    public synchronized void peek(Sink to) {
        byte[] bytes = new byte[held];
        look(bytes, 0, held);
        to.take(ByteBuffer.wrap(bytes));
    }

    /**
     * Returns whether the window is used up, so that the guest waits until something is read.
     *
     * @return whether it is
     */
    public synchronized boolean isFull() {
        return room == 0 && !ended;
    }

    /**
     * Returns whether the guest has ended the channel, and not only its stream.
     *
     * @return whether it has
     */
    public synchronized boolean isComplete() {
        return complete;
    }

    void receive(ByteBuffer payload) throws ProtocolException {
        store(payload).ifPresent(Runnable::run);
    }

    /** Returns the action for a window that is used up, if this one is. */
    private synchronized Optional<Runnable> store(ByteBuffer payload) throws ProtocolException {
        int length = payload.remaining();
        if (ended) {
            throw new ProtocolException("data behind the end of its channel");
        } else if (length == 0) {
            throw new ProtocolException("data of 0 bytes");
        } else if (length > room) {
            throw new ProtocolException(length + " bytes of data, where there is room for " + room);
        }
        room -= length;
        if (closed) {
            consume(length);
            return Optional.empty();
        }
        if (sink != null) {
            sink.take(payload);
            consume(length);
            return Optional.empty();
        }
        ensure(held + length);
        int at = (from + held) & (ring.length - 1);
        int first = Math.min(length, ring.length - at);
        payload.get(ring, at, first).get(ring, 0, length - first);
        held += length;
        notifyAll();
        return room == 0 ? Optional.ofNullable(whenFull) : Optional.empty();
    }

    synchronized void end() throws ProtocolException {
        if (ended) {
            throw new ProtocolException("a second end of a channel");
        }
        complete = true;
        finish();
    }

    /** The stream has ended, and its channels with it. */
    synchronized void finish() {
        ended = true;
        notifyAll();
    }

    synchronized void fail(IOException why) {
        if (!ended) {
            failure = why;
            finish();
        }
    }

    private void ensure(int size) {
        if (size <= ring.length) {
            return;
        }
        byte[] larger = new byte[Math.max(SMALLEST_RING, Integer.highestOneBit(size - 1) << 1)];
        int kept = held;
        int unused = copy(larger, 0, kept);
        ring = larger;
        from = 0;
        held = kept;
    }

    /** Copies the first bytes of those held, which stay. */
    private void look(byte[] into, int offset, int count) {
        int first = Math.min(count, ring.length - from);
        System.arraycopy(ring, from, into, offset, first);
        System.arraycopy(ring, 0, into, offset + first, count - first);
    }

    private int copy(byte[] into, int offset, int length) {
        int count = Math.min(length, held);
        look(into, offset, count);
        from = ring.length == 0 ? 0 : (from + count) & (ring.length - 1);
        held -= count;
        return count;
    }

    private void consume(int count) {
        consumed += count;
        if (consumed >= WORTH_A_FRAME && !ended && !abandoned) {
            room += consumed;
            windows.grant(consumed);
            consumed = 0;
        }
    }

    /**
     * Reads what has come, and waits if that is nothing.
     *
     * @throws IOException if the channel was lost before its end, or this stream was closed
     * @throws InterruptedIOException if the thread was interrupted, whose interrupt status stays set; nothing is lost
     */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        beforeWaiting().ifPresent(Runnable::run);
        return take(into, offset, length);
    }

    private synchronized Optional<Runnable> beforeWaiting() {
        return held == 0 && !ended ? Optional.ofNullable(whenWaiting) : Optional.empty();
    }

    private synchronized int take(byte[] into, int offset, int length) throws IOException {
        while (held == 0) {
            if (closed) {
                throw new IOException("the stream is closed");
            } else if (failure != null) {
                throw new ChannelLostException(String.valueOf(failure.getMessage()));
            } else if (ended || sink != null) {
                return -1;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the guest's output");
            }
        }
        int count = copy(into, offset, length);
        consume(count);
        return count;
    }

    /** Reads one byte; the rules of {@link #read(byte[], int, int)} hold. */
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

    /** Drops what has come and what comes; the guest does not wait. Idempotent. */
    @Override
    public synchronized void close() {
        int dropped = held;
        closed = true;
        held = 0;
        ring = new byte[0];
        consume(dropped);
        notifyAll();
    }

    /** Drops what has come and what comes of a stream that was reset: nothing more is granted. */
    synchronized void abandon() {
        abandoned = true;
        close();
    }
}
