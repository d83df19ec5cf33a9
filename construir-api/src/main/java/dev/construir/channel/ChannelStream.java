package dev.construir.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * One stream of a session: an execution, a tree, a connection. Safe for use by many threads.
 */
public final class ChannelStream implements AutoCloseable {
    private static final int MOST_UNANSWERED = 64;

    private final int id;
    private final ChannelSession session;
    private final IntConsumer meter;
    private final boolean listening;
    private final OutboundChannel input;
    private final InboundChannel output;
    private final InboundChannel errors;
    private final CompletableFuture<Integer> started = new CompletableFuture<>();
    private final CompletableFuture<StreamEnd> ended = new CompletableFuture<>();
    // guarded by this
    private final Queue<ChannelStream> incoming = new ArrayDeque<>();
    private boolean reset;

    ChannelStream(int id, ChannelSession session, IntConsumer meter, boolean listening) {
        this.id = id;
        this.meter = meter;
        this.listening = listening;
        this.session = session;
        this.input = new OutboundChannel(new OutboundChannel.Sender() {
            @Override
            public void data(ByteBuffer bytes) {
                session.send(new Frame(FrameType.DATA, 0, id, bytes));
            }

            @Override
            public void eof() {
                session.send(Frame.of(FrameType.EOF, id));
            }
        });
        this.output = new InboundChannel(bytes -> session.send(window(1, bytes)));
        this.errors = new InboundChannel(bytes -> session.send(window(2, bytes)));
    }

    private Frame window(int channel, int bytes) {
        return new Frame(
                FrameType.WINDOW,
                channel,
                id,
                ByteBuffer.allocate(4).putInt(bytes).flip());
    }

    /**
     * Returns the stream's number in its session.
     *
     * @return the number
     */
    public int id() {
        return id;
    }

    /**
     * Returns the channel to the guest.
     *
     * @return channel 0
     */
    public OutboundChannel input() {
        return input;
    }

    /**
     * Returns the first channel from the guest.
     *
     * @return channel 1
     */
    public InboundChannel output() {
        return output;
    }

    /**
     * Returns the second channel from the guest.
     *
     * @return channel 2
     */
    public InboundChannel errors() {
        return errors;
    }

    /**
     * Returns the number that the guest started it with.
     *
     * @return completes with a process or a port; exceptionally with a {@link ChannelLostException}, or, if the stream
     *     ends without having been started, with an {@link IOException}
     */
    public CompletableFuture<Integer> started() {
        return started;
    }

    /**
     * Returns how the stream ended.
     *
     * @return completes with the end that the guest reports, or exceptionally with a {@link ChannelLostException}
     */
    public CompletableFuture<StreamEnd> ended() {
        return ended;
    }

    /**
     * Sends a signal to the process group.
     *
     * @param number the signal, 1 to 64
     */
    public void signal(int number) {
        session.send(Frame.of(FrameType.SIGNAL, id, (byte) number));
    }

    /**
     * Changes the size of the terminal.
     *
     * @param rows the rows, 0 to 65535
     * @param columns the columns, 0 to 65535
     */
    public void resize(int rows, int columns) {
        ByteBuffer size = ByteBuffer.allocate(4).putShort((short) rows).putShort((short) columns);
        session.send(new Frame(FrameType.RESIZE, 0, id, size.flip()));
    }

    /**
     * Returns the oldest connection that a listening stream has accepted and that was not yet asked for, and waits for
     * one.
     *
     * @return the connection; empty if the stream has ended
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized Optional<ChannelStream> accept() throws InterruptedException {
        while (incoming.isEmpty() && !ended.isDone()) {
            wait();
        }
        return Optional.ofNullable(incoming.poll());
    }

    /** Asks the guest to end the stream, and drops what it still sends. {@link #ended} reports the end. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            if (reset || ended.isDone()) {
                return;
            }
            reset = true;
        }
        output.abandon();
        errors.abandon();
        input.fail(new IOException("the stream is closed"));
        session.send(Frame.of(FrameType.RESET, id));
    }

    /** Handles a frame of the guest; returns whether it was the last one. */
    boolean handle(Frame frame) throws ProtocolException {
        switch (frame.type()) {
            case STARTED -> {
                if (started.isDone()) {
                    throw new ProtocolException("a second start of a stream");
                }
                started.complete(number(frame));
            }
            case DATA -> {
                int length = frame.payload().remaining();
                inbound(frame).receive(frame.payload());
                meter.accept(length);
            }
            case EOF -> {
                checkEmpty(frame);
                inbound(frame).end();
            }
            case WINDOW -> {
                if (frame.channel() != 0) {
                    throw new ProtocolException("a window of channel " + frame.channel());
                }
                input.grant(Integer.toUnsignedLong(number(frame)));
            }
            case ENDED -> {
                end(StreamEnd.decode(frame.payload()));
                return true;
            }
            default -> throw new ProtocolException("a frame " + frame.type() + " on a stream");
        }
        return false;
    }

    synchronized void offer(ChannelStream connection) throws ProtocolException {
        incoming.removeIf(earlier -> earlier.ended().isDone());
        if (!listening) {
            throw new ProtocolException("a connection of a stream that does not listen");
        } else if (incoming.size() >= MOST_UNANSWERED) {
            throw new ProtocolException("more than " + MOST_UNANSWERED + " connections at once");
        }
        if (reset) {
            connection.close();
        } else {
            incoming.add(connection);
            notifyAll();
        }
    }

    /** Returns whether the guest opened it. */
    boolean isAccepted() {
        return id < 0; // as unsigned numbers, those from 2^31 on
    }

    static int number(Frame frame) throws ProtocolException {
        if (frame.payload().remaining() != 4) {
            throw new ProtocolException(
                    "a frame " + frame.type() + " of " + frame.payload().remaining() + " bytes, where it has 4");
        }
        return frame.payload().getInt();
    }

    static void checkEmpty(Frame frame) throws ProtocolException {
        if (frame.payload().hasRemaining()) {
            throw new ProtocolException("a frame " + frame.type() + " with a payload");
        }
    }

    private InboundChannel inbound(Frame frame) throws ProtocolException {
        return switch (frame.channel()) {
            case 1 -> output;
            case 2 -> errors;
            default -> throw new ProtocolException("a frame " + frame.type() + " of channel " + frame.channel());
        };
    }

    private void end(StreamEnd how) {
        output.finish();
        errors.finish();
        input.fail(new StreamEndedException());
        started.completeExceptionally(new IOException(how.message()));
        ended.complete(how);
        wake();
    }

    void lose(ChannelLostException why) {
        output.fail(why);
        errors.fail(why);
        input.fail(why);
        started.completeExceptionally(why);
        ended.completeExceptionally(why);
        wake();
    }

    private synchronized void wake() {
        incoming.forEach(ChannelStream::close);
        incoming.clear();
        notifyAll();
    }
}
