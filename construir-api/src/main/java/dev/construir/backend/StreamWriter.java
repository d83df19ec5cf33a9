package dev.construir.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the stream that a {@link StreamReader} reads, and holds one piece of it at most. Safe for use by many
 * threads.
 *
 * <p>Owns one daemon thread, from the first write to the end: a thread that is interrupted while it writes to a channel
 * closes it, and what the machine has to say would be lost with it. The socket stays the reader's, whose end is this
 * one's too.
 *
 * @since 0.1
 */
public final class StreamWriter implements AutoCloseable {
    private static final int PIECE = 64 << 10;

    private final StreamReader reader;
    private final String name;
    private final ReentrantLock turn = new ReentrantLock();
    // guarded by this
    private @Nullable ByteBuffer piece;
    private @Nullable IOException end;
    private @Nullable Selector selector; // from the start of the thread, which closes it

    /**
     * Creates a writer.
     *
     * @param reader reads the stream's other direction, and owns it
     * @param name the thread's name
     */
    public StreamWriter(StreamReader reader, String name) {
        this.reader = reader;
        this.name = name;
    }

    /**
     * Writes bytes and waits until the socket has taken them; those of one call are not mixed with another's.
     *
     * @param bytes the bytes; its position advances by the number of accepted bytes; of those all but the last 64 KiB
     *     were taken
     * @throws IOException if the stream has ended before it took them all
     * @throws InterruptedException if the thread was interrupted; what was accepted will still be written
     */
    public void write(ByteBuffer bytes) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            awaitTaken(); // what an interrupted caller has left comes first
            while (bytes.hasRemaining()) {
                accept(bytes);
                awaitTaken();
            }
        } finally {
            turn.unlock();
        }
    }

    /** Refuses to write from now on, and ends the thread. Idempotent. */
    @Override
    public void close() {
        end(new IOException("the machine has ended and takes no input"));
    }

    private synchronized void accept(ByteBuffer bytes) throws IOException {
        check();
        if (selector == null) {
            selector = start();
        }
        int length = Math.min(PIECE, bytes.remaining());
        ByteBuffer copy = ByteBuffer.allocate(length).put(bytes.slice().limit(length));
        bytes.position(bytes.position() + length);
        piece = copy.flip();
        notifyAll();
    }

    private Selector start() throws IOException {
        Selector opened = Selector.open();
        boolean started = false;
        try {
            Thread thread = new Thread(() -> serve(opened), name);
            thread.setDaemon(true);
            thread.start();
            started = true;
            return opened;
        } finally {
            if (!started) {
                opened.close();
            }
        }
    }

    private synchronized void awaitTaken() throws IOException, InterruptedException {
        while (piece != null && end == null) {
            wait();
        }
        if (piece != null) {
            check();
        }
    }

    private void check() throws IOException {
        if (end != null) {
            throw new IOException(end.getMessage(), end);
        }
    }

    private synchronized @Nullable ByteBuffer next() throws InterruptedException {
        piece = null;
        notifyAll();
        while (piece == null && end == null) {
            wait();
        }
        return end == null ? piece : null;
    }

    private synchronized void end(IOException why) {
        if (end == null) {
            end = why;
            notifyAll();
            if (selector != null) {
                selector.wakeup();
            }
        }
    }

    private synchronized boolean ended() {
        return end != null;
    }

    private void serve(Selector room) {
        try (room) {
            SocketChannel stream = reader.connection();
            stream.register(room, SelectionKey.OP_WRITE);
            for (ByteBuffer next = first(); next != null; next = next()) {
                while (next.hasRemaining() && !ended()) {
                    if (stream.write(next) == 0) {
                        room.select();
                        room.selectedKeys().clear();
                    }
                }
            }
        } catch (IOException e) {
            end(new IOException("the machine took no more of what was typed: " + e, e));
        } catch (InterruptedException e) {
            // not expected: no code interrupts this thread
            end(new IOException("the thread that types was interrupted", e));
        }
    }

    private synchronized @Nullable ByteBuffer first() {
        return piece;
    }

    /** Returns by what name it writes. */
    @Override
    public String toString() {
        return name;
    }
}
