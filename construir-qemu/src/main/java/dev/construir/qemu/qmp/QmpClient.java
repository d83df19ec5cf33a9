package dev.construir.qemu.qmp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.construir.backend.ListeningSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One QMP connection. Safe for use by many threads.
 *
 * <p>Owns the socket and two daemon threads, which end with the connection. One reads replies and events in their
 * order. The other writes, so that no caller's interrupt closes the channel, as Java has it, and no caller is held up
 * by a QEMU that does not read.
 */
public final class QmpClient implements AutoCloseable {
    /** The longest line believed to be meant: QEMU's longest replies are a tenth of it. */
    static final int LONGEST_LINE = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(QmpClient.class);

    private static final String NEGOTIATE = "qmp_capabilities";

    private final ListeningSocket socket;
    private final QmpListener listener;
    private final Thread reader;
    private final ThreadPoolExecutor writer;
    private final CompletableFuture<SocketChannel> connection = new CompletableFuture<>();
    private final CompletableFuture<SocketChannel> greeted = new CompletableFuture<>();
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private volatile boolean negotiated;
    private volatile boolean ended;

    private record Pending(String command, CompletableFuture<JsonElement> reply) {}

    private QmpClient(ListeningSocket socket, String name, QmpListener listener) {
        this.socket = socket;
        this.listener = listener;
        reader = new Thread(this::read, name);
        reader.setDaemon(true);
        writer = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-write");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts to wait for QEMU to connect.
     *
     * @param socket where it connects; owned by the client from now on
     * @param name the reading thread's name, and the start of the other's
     * @param listener receives events
     * @return the client
     */
    public static QmpClient start(ListeningSocket socket, String name, QmpListener listener) {
        QmpClient client = new QmpClient(socket, name, listener);
        boolean started = false;
        try {
            client.writer.prestartCoreThread(); // now, so that no command fails later for want of a thread
            client.reader.start();
            started = true;
            return client;
        } finally {
            if (!started) {
                client.writer.shutdown();
            }
        }
    }

    /**
     * Waits for QEMU's greeting and agrees on the protocol's version.
     *
     * @param limit how long to wait, for each
     * @throws QmpException if it did not come, or was none
     * @throws InterruptedException if the thread was interrupted
     */
    public void negotiate(Duration limit) throws QmpException, InterruptedException {
        try {
            await(connection, "connect", limit);
            await(greeted, "greet", limit);
            await(send(NEGOTIATE, new JsonObject()), "answer " + NEGOTIATE, limit);
            negotiated = true;
        } catch (QmpException e) {
            throw new QmpException("the QMP handshake failed: " + e.getMessage(), e);
        }
    }

    /**
     * Runs a command and waits for its answer.
     *
     * @param command the command's name
     * @param limit how long to wait
     * @return what it returned
     * @throws QmpException if it failed, or no answer came
     * @throws InterruptedException if the thread was interrupted
     */
    public JsonElement call(String command, Duration limit) throws QmpException, InterruptedException {
        return call(command, new JsonObject(), limit);
    }

    /**
     * Runs a command and waits for its answer.
     *
     * @param command the command's name
     * @param arguments its arguments
     * @param limit how long to wait
     * @return what it returned
     * @throws QmpException if it failed, or no answer came
     * @throws InterruptedException if the thread was interrupted
     */
    public JsonElement call(String command, JsonObject arguments, Duration limit)
            throws QmpException, InterruptedException {
        return await(send(command, arguments), "answer " + command, limit);
    }

    /**
     * Sends a command.
     *
     * @param command the command's name
     * @param arguments its arguments
     * @return what it will return; fails with a {@link QmpException}
     */
    public CompletableFuture<JsonElement> send(String command, JsonObject arguments) {
        long id = lastId.incrementAndGet();
        Pending call = new Pending(command, new CompletableFuture<>());
        pending.put(id, call);
        SocketChannel channel = greeted.isCompletedExceptionally() ? null : greeted.getNow(null);
        if (channel == null || !(negotiated || command.equals(NEGOTIATE))) { // QEMU would refuse all other commands
            pending.remove(id);
            call.reply.completeExceptionally(new QmpException(command + " could not be sent: QMP is not connected"));
            return call.reply;
        }
        String line = QmpMessage.command(command, arguments, id);
        try {
            writer.execute(() -> write(channel, line, id));
        } catch (RejectedExecutionException e) {
            fail(id, e);
        }
        if (ended) {
            failPending("QEMU closed the QMP connection");
        }
        return call.reply;
    }

    /** Gives up waiting for QEMU to connect; a connection that stands is read to its end all the same. */
    public void stopWaiting() {
        socket.close();
    }

    /** Ends the connection. Idempotent. */
    @Override
    public void close() {
        socket.close();
        SocketChannel channel = connection.isCompletedExceptionally() ? null : connection.getNow(null);
        if (channel != null) {
            closeChannel(channel);
        }
    }

    /**
     * Waits until the last event was handed on.
     *
     * @param limit how long to wait
     * @return whether it came in time
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        reader.join(Math.max(1, limit.toMillis()));
        return !reader.isAlive();
    }

    private void write(SocketChannel channel, String line, long id) {
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            fail(id, e);
        }
    }

    private void fail(long id, Exception why) {
        Pending call = pending.remove(id);
        if (call != null) {
            call.reply.completeExceptionally(new QmpException(call.command + " could not be sent: " + why, why));
        }
    }

    private void read() {
        String end = "QEMU closed the QMP connection";
        try (SocketChannel channel = socket.accept()) {
            connection.complete(channel);
            QmpLines lines = new QmpLines(channel, LONGEST_LINE);
            Optional<String> line = lines.next();
            while (line.isPresent()) {
                if (!line.get().isBlank()) {
                    handle(QmpMessage.parse(line.get()), channel);
                }
                line = lines.next();
            }
            finish(end);
            listener.closed();
        } catch (QmpException e) {
            finish(String.valueOf(e.getMessage()));
            listener.broken(e);
        } catch (IOException e) {
            LOG.debug("{} ended: {}", reader.getName(), e.toString());
            finish(end);
            listener.closed();
        }
    }

    // A reader that ended without a word would leave everybody waiting.
    private void handle(QmpMessage message, SocketChannel channel) throws QmpException {
        try {
            take(message, channel);
        } catch (RuntimeException e) {
            throw new QmpException("what QEMU's QMP socket sent could not be handled: " + message, e);
        }
    }

    private void take(QmpMessage message, SocketChannel channel) throws QmpException {
        if (message instanceof QmpMessage.Greeting) {
            greeted.complete(channel);
        } else if (!greeted.isDone()) {
            throw new QmpException("QEMU's QMP socket sent something else before its greeting");
        } else if (message instanceof QmpMessage.Event event) {
            LOG.debug("{}: {}", reader.getName(), event.event());
            listener.event(event.event());
        } else if (message instanceof QmpMessage.Reply reply) {
            Pending call = pending.remove(reply.id());
            if (call != null) {
                call.reply.complete(reply.value());
            }
        } else if (message instanceof QmpMessage.Failure failure) {
            Pending call = pending.remove(failure.id());
            if (call != null) {
                call.reply.completeExceptionally(
                        new QmpException("QEMU refused " + call.command + ": " + failure.description()));
            }
        }
    }

    private void finish(String why) {
        ended = true; // before the sweep, so that a command sent meanwhile is failed by its sender
        connection.completeExceptionally(new QmpException(why));
        greeted.completeExceptionally(new QmpException(why));
        failPending(why);
        writer.shutdown();
    }

    private void failPending(String why) {
        for (Pending call : pending.values()) {
            call.reply.completeExceptionally(new QmpException("no answer to " + call.command + ": " + why));
        }
    }

    private static <T> T await(CompletableFuture<T> future, String what, Duration limit)
            throws QmpException, InterruptedException {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new QmpException("QEMU did not " + what + " within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new QmpException(String.valueOf(cause.getMessage()), cause);
        }
    }

    private static void closeChannel(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing QMP: {}", e.toString());
        }
    }
}
