package dev.construir.qemu.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one of a machine's streams to its end and hands on what comes. Whatever becomes of the bytes, reading goes on: a stream that
 * nobody reads stops the guest.
 *
 * <p>Owns the socket and one daemon thread, which ends with the stream.
 */
public final class StreamReader {
    private static final Logger LOG = LoggerFactory.getLogger(StreamReader.class);
    private static final int BUFFER = 64 << 10;

    private final ListeningSocket socket;
    private final Consumer<ByteBuffer> sink;
    private final Thread thread;
    private final CountDownLatch connected = new CountDownLatch(1);
    private volatile @Nullable SocketChannel connection;
    private volatile boolean abandoned;
    private boolean sinkFailed;

    private StreamReader(ListeningSocket socket, String name, Consumer<ByteBuffer> sink) {
        this.socket = socket;
        this.sink = sink;
        thread = new Thread(this::read, name);
        thread.setDaemon(true);
    }

    /**
     * Starts to read what the first to connect writes.
     *
     * @param socket where it connects; owned by the reader from now on
     * @param name the thread's name
     * @param sink takes the bytes, which are valid during the call
     * @return the reader
     */
    public static StreamReader start(ListeningSocket socket, String name, Consumer<ByteBuffer> sink) {
        StreamReader reader = new StreamReader(socket, name, sink);
        reader.thread.start();
        return reader;
    }

    /**
     * Waits until the stream's end was handed on.
     *
     * @param limit how long to wait
     * @return whether it came in time
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        thread.join(Math.max(1, limit.toMillis()));
        return !thread.isAlive();
    }

    /**
     * Waits until something has connected.
     *
     * @param limit how long to wait
     * @return whether it did in time
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitConnection(Duration limit) throws InterruptedException {
        return connected.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Gives up waiting for a connection; a stream that is connected is read to its end all the same. */
    public void stopWaiting() {
        socket.close();
    }

    /** Reads no more, and hands on nothing more than what is being handed on right now. Idempotent. */
    public void abandon() {
        abandoned = true;
        socket.close();
        SocketChannel stream = connection;
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                LOG.debug("closing {}: {}", thread.getName(), e.toString());
            }
        }
    }

    /** Returns what is being read, for {@link StreamWriter}. */
    SocketChannel connection() throws IOException {
        SocketChannel stream = connection;
        if (stream == null) {
            throw new IOException("nothing is connected to " + thread.getName());
        }
        return stream;
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        try (SocketChannel stream = socket.accept()) {
            connection = stream;
            connected.countDown();
            while (!abandoned && stream.read(buffer.clear()) >= 0 && !abandoned) {
                handOn(buffer.flip());
            }
        } catch (IOException e) {
            LOG.debug("{} ended: {}", thread.getName(), e.toString());
        }
    }

    private void handOn(ByteBuffer bytes) {
        try {
            sink.accept(bytes.asReadOnlyBuffer());
        } catch (RuntimeException
                | Error e) { // maybe no memory: the guest can do without this piece, not without a reader
            complain(e);
        }
    }

    private void complain(Throwable failure) {
        if (!sinkFailed) {
            sinkFailed = true;
            try {
                LOG.warn(
                        "a machine's listener failed in {}; told once, its other failures are not",
                        thread.getName(),
                        failure);
            } catch (
                    @SuppressWarnings("unused")
                    OutOfMemoryError e) {
                // then it stays unsaid
            }
        }
    }
}
