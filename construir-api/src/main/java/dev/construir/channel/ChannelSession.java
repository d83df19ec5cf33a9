package dev.construir.channel;

import dev.construir.machine.MachineChannel;
import dev.construir.text.Reason;
import dev.construir.text.TerminalSafeExcerpt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's end of a machine's sandbox channel: passes frames between the port and the streams. Any bytes of the guest
 * end in frames that are handled or in a lost channel; nothing it sends takes more memory than the windows of the
 * streams that are open, of which it opens 1,024 at most, and 65,536 short frames that wait for it.
 *
 * <p>Owns the channel and two daemon threads, one that reads and one that writes, which end with the channel. Safe for
 * use by many threads.
 */
public final class ChannelSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelSession.class);
    private static final int BATCH = 256 << 10;
    private static final int LARGEST_REQUEST = 4 << 20;
    private static final int MOST_ACCEPTED = 1024;
    private static final int MOST_QUEUED = 1 << 16; // several times what all streams can have on their way

    private final MachineChannel channel;
    private final String name;
    private final SecureRandom random = new SecureRandom();
    private final CompletableFuture<Loss> lost = new CompletableFuture<>();
    // guarded by this
    private final Map<Integer, ChannelStream> streams = new HashMap<>();
    private final Deque<Frame> queue = new ArrayDeque<>();
    private final Deque<Ping> pings = new ArrayDeque<>();
    private int lastOpened;
    private int lastAccepted = Integer.MAX_VALUE; // as an unsigned number, the one before the first
    private @Nullable Greeting greeting;
    private boolean greeted;
    private boolean silent; // the guest was asked to be, and is sent nothing
    private final Deque<CompletableFuture<Void>> silences = new ArrayDeque<>(); // asked for, in their order
    private long resumed = System.nanoTime(); // when the guest was last not silent any more
    private @Nullable ChannelLostException loss;

    /**
     * Why a channel ended.
     *
     * @param why the reason
     * @param machineEnded whether the channel came to its end or broke, as it does with its machine
     */
    public record Loss(String why, boolean machineEnded) {}

    private record Ping(ByteBuffer bytes, CompletableFuture<Void> answer) {}

    private record Greeting(Hello hello, CompletableFuture<Void> answer) {}

    private ChannelSession(MachineChannel channel, String name) {
        this.channel = channel;
        this.name = name;
    }

    /**
     * Begins to read and write.
     *
     * @param channel leads to the guest; owned by the session
     * @param name how the names of its threads begin
     * @return the session, on which {@link #greet} comes first
     */
    public static ChannelSession start(MachineChannel channel, String name) {
        ChannelSession session = new ChannelSession(channel, name);
        session.thread("-reader", session::read);
        session.thread("-writer", session::write);
        return session;
    }

    private void thread(String suffix, Runnable work) {
        Thread thread = new Thread(work, name + suffix);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Begins the connection: gives the guest randomness, the time and a host name, and makes sure that this very guest
     * answers.
     *
     * @param hostName the guest's host name; empty for the one that it has
     * @param limit how long the answer may take
     * @throws ChannelLostException if the guest is another one, speaks no common version, or does not answer
     * @throws InterruptedException if the thread was interrupted; the session goes on
     */
    public void greet(String hostName, Duration limit) throws ChannelLostException, InterruptedException {
        Hello hello = Hello.of(hostName, random);
        Greeting asked = new Greeting(hello, new CompletableFuture<>());
        synchronized (this) {
            greeting = asked;
            greeted = false;
        }
        send(new Frame(FrameType.HELLO, 0, 0, hello.payload()));
        await(asked.answer(), limit, "the guest did not answer on its sandbox channel within ");
    }

    /**
     * Measures how long the guest takes to answer.
     *
     * @param limit how long it may take
     * @return the time from the question to the answer
     * @throws ChannelLostException if the channel is lost; also, afterwards, if no answer came in time, in which the time
     *     does not count in which the guest is silent
     * @throws InterruptedException if the thread was interrupted
     */
    public Duration ping(Duration limit) throws ChannelLostException, InterruptedException {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        Ping ping = new Ping(ByteBuffer.wrap(bytes), new CompletableFuture<>());
        long begin = System.nanoTime();
        synchronized (this) {
            pings.add(ping);
            send(Frame.of(FrameType.PING, 0, bytes));
        }
        await(ping.answer(), limit, "the guest did not answer a ping within ");
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /**
     * Has the guest write its file systems back and fall silent, until {@link #resume}. What is sent to it meanwhile
     * waits.
     *
     * @param limit how long it may take
     * @throws ChannelLostException if the channel is lost
     * @throws TimeoutException if the guest does not answer in time
     * @throws InterruptedException if the thread was interrupted
     */
    public void quiesce(Duration limit) throws ChannelLostException, TimeoutException, InterruptedException {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        synchronized (this) {
            silences.add(answer);
            send(Frame.of(FrameType.QUIESCE, 0));
        }
        await(answer, limit);
    }

    /**
     * Has a guest that was to fall silent go on, whether it has answered or not. What was sent to it since then follows.
     */
    public synchronized void resume() {
        if (silent) {
            silent = false;
            resumed = System.nanoTime();
            queue.addFirst(Frame.of(FrameType.RESUME, 0));
            notifyAll();
        } else if (queue.removeIf(frame -> frame.type() == FrameType.QUIESCE)) {
            silences.removeLast();
        }
    }

    private void await(CompletableFuture<Void> answer, Duration limit, String late)
            throws ChannelLostException, InterruptedException {
        while (true) {
            try {
                await(answer, limit);
                return;
            } catch (TimeoutException e) {
                if (!wasSilentWithin(limit)) {
                    lose(late + limit.toMillis() + " ms");
                    throw new ChannelLostException(late + limit.toMillis() + " ms");
                }
            }
        }
    }

    private synchronized boolean wasSilentWithin(Duration limit) {
        return silent || System.nanoTime() - resumed < limit.toNanos();
    }

    private void await(CompletableFuture<Void> answer, Duration limit)
            throws ChannelLostException, TimeoutException, InterruptedException {
        synchronized (this) {
            if (loss != null) {
                answer.completeExceptionally(loss);
            }
        }
        try {
            var unused = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new ChannelLostException(String.valueOf(cause == null ? null : cause.getMessage()));
        }
    }

    /** Asks the guest to end the machine, as after a job that succeeded. */
    public void end() {
        send(Frame.of(FrameType.END, 0));
    }

    /**
     * Opens a stream.
     *
     * @param request the kind and its fields
     * @param meter receives the length of each piece of data from the guest, on the session's thread
     * @return the stream, to be closed by the caller unless it has ended
     * @throws ChannelLostException if the channel is lost
     * @throws IllegalArgumentException if the request is larger than 4 MiB
     */
    public ChannelStream open(ByteBuffer request, IntConsumer meter) throws ChannelLostException {
        if (request.remaining() > LARGEST_REQUEST) {
            throw new IllegalArgumentException("arguments and variables have " + request.remaining()
                    + " bytes together, where " + LARGEST_REQUEST + " are the most");
        }
        synchronized (this) {
            if (loss != null) {
                throw new ChannelLostException(String.valueOf(loss.getMessage()));
            }
            lastOpened++;
            ChannelStream stream = new ChannelStream(lastOpened, this, meter, OpenRequest.isListen(request));
            streams.put(lastOpened, stream);
            ByteBuffer rest = request.duplicate();
            do {
                int length = Math.min(rest.remaining(), Frame.LARGEST_PAYLOAD);
                ByteBuffer piece = rest.slice(rest.position(), length);
                rest.position(rest.position() + length);
                send(new Frame(FrameType.OPEN, rest.hasRemaining() ? 1 : 0, lastOpened, piece));
            } while (rest.hasRemaining());
            return stream;
        }
    }

    /**
     * Returns why the channel ended.
     *
     * @return completes with the reason
     */
    public CompletableFuture<Loss> lost() {
        return lost;
    }

    /** Queues a frame. Data is bounded by the windows of the streams; all else by {@link #isFlooded}. */
    synchronized void send(Frame frame) {
        if (loss == null) {
            queue.add(frame);
            notifyAll();
        }
    }

    private void write() {
        ByteBuffer batch = ByteBuffer.allocateDirect(BATCH);
        try {
            List<Frame> frames = take();
            while (!frames.isEmpty()) {
                batch.clear();
                for (Frame frame : frames) {
                    batch.put(frame.encode());
                }
                channel.write(batch.flip());
                frames = take();
            }
        } catch (IOException e) {
            lose("the channel to the guest is broken: " + Reason.of(e), true);
        } catch (InterruptedException e) { // not expected: no code interrupts this thread
            lose("the thread that writes was interrupted");
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: the session failed", name, e);
            lose("the session failed: " + e);
        }
    }

    private synchronized List<Frame> take() throws InterruptedException {
        while ((queue.isEmpty() || silent) && loss == null) {
            wait();
        }
        List<Frame> frames = new ArrayList<>();
        int size = 0;
        for (Frame next = queue.peek(); next != null && loss == null && !silent; next = queue.peek()) {
            size += Frame.HEADER + next.payload().remaining();
            if (size > BATCH) {
                break;
            }
            frames.add(queue.remove());
            silent = next.type() == FrameType.QUIESCE; // what comes behind it waits
        }
        return frames;
    }

    private void read() {
        FrameDecoder decoder = new FrameDecoder();
        try {
            for (Frame frame = decoder.next(channel::read); frame != null; frame = decoder.next(channel::read)) {
                handle(frame);
                if (isFlooded()) {
                    throw new ProtocolException("it does not read its port, and has " + MOST_QUEUED
                            + " frames waiting for it that it gave cause for");
                }
            }
            lose("the machine has ended", true);
        } catch (ProtocolException e) {
            lose("the guest broke the rules of the sandbox channel: " + e.getMessage());
        } catch (IOException e) {
            lose("the channel to the guest is broken: " + Reason.of(e), true);
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: the session failed", name, e);
            lose("the session failed: " + e);
        }
    }

    private synchronized boolean isFlooded() {
        return queue.size() > MOST_QUEUED;
    }

    private void handle(Frame frame) throws ProtocolException {
        if (frame.type() == FrameType.HELLO) {
            answerGreeting(frame);
            return;
        }
        synchronized (this) {
            if (!greeted) {
                throw new ProtocolException("a frame " + frame.type() + " before the greeting");
            }
        }
        switch (frame.type()) {
            case PONG -> answerPing(frame);
            case QUIET -> answerQuiesce(frame);
            case INCOMING -> accept(frame);
            default -> {
                if (stream(frame.stream()).handle(frame)) {
                    synchronized (this) {
                        streams.remove(frame.stream());
                    }
                }
            }
        }
    }

    private synchronized ChannelStream stream(int id) throws ProtocolException {
        ChannelStream stream = streams.get(id);
        if (stream == null) {
            throw new ProtocolException("a frame of stream " + Integer.toUnsignedString(id) + ", which is not open");
        }
        return stream;
    }

    private synchronized void answerGreeting(Frame frame) throws ProtocolException {
        if (greeting == null || greeted) {
            throw new ProtocolException("a greeting that answers none");
        }
        greeting.hello().check(frame.payload());
        greeted = true;
        greeting.answer().complete(null);
    }

    private synchronized void answerPing(Frame frame) throws ProtocolException {
        Ping ping = pings.peek();
        if (ping == null || !ping.bytes().equals(frame.payload())) {
            throw new ProtocolException("an answer to a ping that was not sent");
        }
        pings.remove();
        ping.answer().complete(null);
    }

    private synchronized void answerQuiesce(Frame frame) throws ProtocolException {
        ChannelStream.checkEmpty(frame);
        CompletableFuture<Void> answer = silences.poll();
        if (answer == null) {
            throw new ProtocolException("a silence that was not asked for");
        }
        answer.complete(null);
    }

    private void accept(Frame frame) throws ProtocolException {
        int id = ChannelStream.number(frame);
        ChannelStream connection = new ChannelStream(id, this, length -> {}, false);
        ChannelStream listener;
        synchronized (this) {
            if (Integer.compareUnsigned(id, lastAccepted) <= 0) {
                throw new ProtocolException("a connection by the number " + Integer.toUnsignedString(id));
            }
            lastAccepted = id;
            listener = stream(frame.stream());
            if (streams.values().stream().filter(ChannelStream::isAccepted).count() >= MOST_ACCEPTED) {
                throw new ProtocolException("more than " + MOST_ACCEPTED + " connections that have not ended");
            }
            streams.put(id, connection);
        }
        listener.offer(connection);
    }

    private void lose(String why) {
        lose(why, false);
    }

    /** Ends the session for a reason, which all its streams receive. The first one counts. */
    private void lose(String why, boolean machineEnded) {
        ChannelLostException failure =
                new ChannelLostException(TerminalSafeExcerpt.of(why).toString());
        List<ChannelStream> open;
        synchronized (this) {
            if (loss != null) {
                return;
            }
            loss = failure;
            open = List.copyOf(streams.values());
            streams.clear();
            queue.clear();
            pings.forEach(ping -> ping.answer().completeExceptionally(failure));
            pings.clear();
            if (greeting != null) {
                greeting.answer().completeExceptionally(failure);
            }
            silences.forEach(answer -> answer.completeExceptionally(failure));
            silences.clear();
            notifyAll();
        }
        channel.close();
        open.forEach(stream -> stream.lose(failure));
        lost.complete(new Loss(String.valueOf(failure.getMessage()), machineEnded));
    }

    /**
     * Ends the session, and its streams with it, whose readers receive the reason. The machine goes on. Idempotent.
     *
     * @param why the reason
     */
    public void close(String why) {
        lose(why);
    }

    /** Ends the session, and its streams with it. The machine goes on. Idempotent. */
    @Override
    public void close() {
        lose("the sandbox was closed");
    }

    /** Returns by what name its threads run. */
    @Override
    public String toString() {
        return name;
    }
}
