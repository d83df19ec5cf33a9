package dev.construir.channel;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the host sends on a channel of a stream: as much as the guest has room for. Safe for use by many threads; the
 * bytes of one call may be mixed with another's.
 */
public final class OutboundChannel extends OutputStream {
    private static final int LARGEST_PIECE = 32_768; // what one write(2) to a port takes

    private final Sender sender;
    // guarded by this
    private int credit = InboundChannel.WINDOW;
    private boolean closed;
    private @Nullable IOException end;

    /** Queues frames for the guest. */
    interface Sender {
        /** Sends bytes, which are not copied. Does not wait. */
        void data(ByteBuffer bytes);

        /** Sends the end. Does not wait. */
        void eof();
    }

    OutboundChannel(Sender sender) {
        this.sender = sender;
    }

    synchronized void grant(long bytes) throws ProtocolException {
        if (bytes < 1 || credit + bytes > InboundChannel.WINDOW) {
            throw new ProtocolException("a window of " + bytes + " bytes more, where " + credit + " are granted");
        }
        credit += (int) bytes;
        notifyAll();
    }

    synchronized void fail(IOException why) {
        if (end == null) {
            end = why;
        }
        notifyAll();
    }

    /**
     * Writes bytes, and waits until the guest has room for them.
     *
     * @throws IOException if the stream has ended, the channel is lost, or this was closed
     * @throws InterruptedIOException if the thread was interrupted, whose interrupt status stays set; some of the bytes
     *     may have been sent
     */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        for (int done = 0; done < length; ) {
            done += send(bytes, offset + done, Math.min(LARGEST_PIECE, length - done));
        }
    }

    // With the lock, or another thread's end would overtake the bytes.
    private synchronized int send(byte[] bytes, int offset, int length) throws IOException {
        int piece = take(length);
        sender.data(ByteBuffer.allocate(piece).put(bytes, offset, piece).flip());
        return piece;
    }

    private synchronized int take(int wanted) throws IOException {
        while (true) {
            if (end instanceof ChannelLostException) {
                throw new ChannelLostException(String.valueOf(end.getMessage()));
            } else if (end instanceof StreamEndedException) {
                throw new StreamEndedException();
            } else if (end != null) {
                throw new IOException(end.getMessage(), end);
            } else if (closed) {
                throw new IOException("the stream is closed");
            } else if (credit > 0) {
                int piece = Math.min(wanted, credit);
                credit -= piece;
                return piece;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for the guest to take more input");
            }
        }
    }

    /** Writes one byte; the rules of {@link #write(byte[], int, int)} hold. */
    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** Ends the channel: the guest reads its end behind what was written. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed && end == null) {
            sender.eof();
        }
        closed = true;
    }
}
