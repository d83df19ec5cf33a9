package dev.construir.channel;

import dev.construir.machine.MachineChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A guest that a test plays, byte by byte, over a channel in memory. The host's bytes are kept for it to look at. */
public final class HostilePeer implements MachineChannel {
    private static final int MOST = 1 << 20;

    // guarded by this
    private final Deque<ByteBuffer> toHost = new ArrayDeque<>();
    private final ByteArrayOutputStream fromHost = new ByteArrayOutputStream();
    private int taken; // of fromHost
    private int waiting;
    private boolean ended;
    private boolean closed;
    private boolean full;

    /** What the host sent. */
    public record Sent(int type, int channel, int stream, ByteBuffer payload) {}

    // ---- the host's end

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        while (toHost.isEmpty() && !ended && !closed) {
            pause();
        }
        if (closed) {
            throw new IOException("closed");
        }
        ByteBuffer next = toHost.peek();
        if (next == null) {
            return -1;
        }
        int count = Math.min(next.remaining(), into.remaining());
        into.put(next.slice(next.position(), count));
        next.position(next.position() + count);
        if (!next.hasRemaining()) {
            toHost.remove();
        }
        waiting -= count;
        notifyAll();
        return count;
    }

    @Override
    public synchronized void write(ByteBuffer bytes) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        while (full && !closed) {
            pause();
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        fromHost.writeBytes(copy);
        notifyAll();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    // ---- the guest's end

    /** Sends bytes as they are; waits if the host does not read, returns if it has gone. */
    synchronized void send(ByteBuffer bytes) {
        while (waiting > MOST && !closed) {
            pause();
        }
        if (!closed) {
            toHost.add(bytes.duplicate());
            waiting += bytes.remaining();
            notifyAll();
        }
    }

    public void send(int type, int channel, int stream, byte... payload) {
        send(frame(payload.length, type, channel, stream, payload));
    }

    public static ByteBuffer frame(int length, int type, int channel, int stream, byte... payload) {
        return ByteBuffer.allocate(12 + payload.length)
                .putInt(length)
                .put((byte) type)
                .put((byte) channel)
                .putShort((short) 0)
                .putInt(stream)
                .put(payload)
                .flip();
    }

    public static byte[] number(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    /** Returns an end of a stream that exited with 0. */
    public static byte[] end() {
        return new byte[40];
    }

    public synchronized void end(boolean machine) {
        ended = machine;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Takes nothing more of the host. */
    synchronized void stopReading() {
        full = true;
    }

    /** Waits for the next frame of the host; null if it has closed the channel. */
    public synchronized @Nullable Sent receive() {
        while (true) {
            ByteBuffer bytes = ByteBuffer.wrap(fromHost.toByteArray());
            bytes.position(taken);
            if (bytes.remaining() >= 12 && bytes.remaining() >= 12 + bytes.getInt(taken)) {
                int length = bytes.getInt();
                int type = bytes.get();
                int channel = bytes.get();
                bytes.getShort();
                int stream = bytes.getInt();
                taken += 12 + length;
                return new Sent(type, channel, stream, bytes.slice(bytes.position(), length));
            }
            if (closed) {
                return null;
            }
            pause();
        }
    }

    /** Answers the host's greeting as a guest does. */
    public void greet() {
        Sent hello = receive();
        if (hello == null || hello.type() != 1) {
            throw new AssertionError("the host does not greet: " + hello);
        }
        send(1, 0, 0, answer(hello, 1));
    }

    static byte[] answer(Sent hello, int version) {
        byte[] nonce = new byte[16];
        hello.payload().get(8, nonce);
        return ByteBuffer.allocate(24)
                .put(new byte[] {'C', 'N', 'S', 'B'})
                .putShort((short) version)
                .putShort((short) 0)
                .put(nonce)
                .array();
    }

    @SuppressWarnings("WaitNotInLoop") // callers have the loop
    private void pause() {
        try {
            wait(10_000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
