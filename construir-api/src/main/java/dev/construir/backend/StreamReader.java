package dev.construir.backend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one of a machine's streams to its end and hands on what comes. Reading goes on whatever the sink does: a stream
 * that is not read stops the guest.
 *
 * <p>Owns the socket and one daemon thread, which ends with the stream. The socket does not block, so that the reader
 * knows when nothing is left to read.
 *
 * @since 0.1
 */
public final class StreamReader {
    private static final Logger LOG = LoggerFactory.getLogger(StreamReader.class);
    private static final int BUFFER = 64 << 10;

    private final ListeningSocket socket;
    private final Selector selector;
    private final Consumer<ByteBuffer> sink;
    private final Receipts receipts;
    private final Thread thread;
    private final CountDownLatch connected = new CountDownLatch(1);
    private final AtomicLong total = new AtomicLong();
    private volatile @Nullable SocketChannel connection;
    private volatile boolean abandoned;
    private boolean sinkFailed;

    // guarded by this
    private long asked;
    private long answered;
    private boolean ended;

    /** Whether the reader reports to the other end how much it has read. */
    public enum Receipts {
        /** It is not. */
        NONE,
        /**
         * Whenever nothing is left to be read, it is written the number of bytes so far, in decimal, and a line feed.
         */
        GIVEN
    }

    private StreamReader(
            ListeningSocket socket, Selector selector, String name, Consumer<ByteBuffer> sink, Receipts receipts) {
        this.socket = socket;
        this.selector = selector;
        this.sink = sink;
        this.receipts = receipts;
        thread = new Thread(this::read, name);
        thread.setDaemon(true);
    }

    /**
     * Starts to read what the first to connect writes.
     *
     * @param socket where it connects; owned by the reader from now on
     * @param name the thread's name
     * @param sink takes the bytes, which are valid during the call
     * @param receipts whether the other end receives the number of bytes read
     * @return the reader
     * @throws IOException if the host refuses what it takes to wait for bytes
     */
    public static StreamReader start(ListeningSocket socket, String name, Consumer<ByteBuffer> sink, Receipts receipts)
            throws IOException {
        Selector selector = Selector.open();
        boolean started = false;
        try {
            StreamReader reader = new StreamReader(socket, selector, name, sink, receipts);
            reader.thread.start();
            started = true;
            return reader;
        } finally {
            if (!started) {
                selector.close();
            }
        }
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

    /**
     * Waits until everything that was there when it was called was read and handed on, or the stream has ended.
     *
     * @param limit how long to wait
     * @return whether that was so in time
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized boolean catchUp(Duration limit) throws InterruptedException {
        long question = ++asked;
        selector.wakeup();
        long end = System.nanoTime() + limit.toNanos();
        while (answered < question && !ended) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000)); // less would be no wait at all
        }
        return true;
    }

    /**
     * Returns how much was read and handed on.
     *
     * @return the number of bytes, which grows
     */
    public long total() {
        return total.get();
    }

    /** Reads no more, and hands on nothing more than what is being handed on right now. Idempotent. */
    public void abandon() {
        abandoned = true;
        socket.close();
        selector.wakeup();
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
        try (selector;
                SocketChannel stream = socket.accept()) {
            stream.configureBlocking(false);
            SelectionKey key = stream.register(selector, SelectionKey.OP_READ);
            ReceiptWriter writer = new ReceiptWriter(stream);
            connection = stream;
            connected.countDown();
            while (readWhatIsThere(stream, buffer)) {
                boolean wantsToWrite = receipts == Receipts.GIVEN && !writer.tell(total.get());
                key.interestOps(wantsToWrite ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
                selector.select();
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            LOG.debug("{} ended: {}", thread.getName(), e.toString());
        } finally {
            end();
        }
    }

    /** Returns whether more may come. */
    private boolean readWhatIsThere(SocketChannel stream, ByteBuffer buffer) throws IOException {
        while (!abandoned) {
            long question = question(); // before it is looked whether there is something
            int count = stream.read(buffer.clear());
            if (count < 0) {
                return false;
            }
            if (count == 0) {
                answer(question);
                return true;
            }
            if (!abandoned) {
                handOn(buffer.flip());
                total.addAndGet(count);
            }
        }
        return false;
    }

    private synchronized long question() {
        return asked;
    }

    private synchronized void answer(long question) {
        answered = question;
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    private void handOn(ByteBuffer bytes) {
        try {
            sink.accept(bytes.asReadOnlyBuffer());
        } catch (RuntimeException
                | Error e) { // maybe no memory: the guest can do without this piece, not without a reader
            complain(e);
        }
        boolean unused =
                Thread.interrupted(); // a sink's leaving, with which this thread would wait for nothing any more
    }

    private void complain(Throwable failure) {
        if (!sinkFailed) {
            sinkFailed = true;
            try {
                LOG.warn(
                        "a machine's listener failed in {}; its further failures are not logged",
                        thread.getName(),
                        failure);
            } catch (
                    @SuppressWarnings("unused")
                    OutOfMemoryError e) {
                // then it stays unsaid
            }
        }
    }

    /** Returns by what name it reads, and how much it has read. */
    @Override
    public String toString() {
        return thread.getName() + ", " + total + " bytes so far";
    }
}
