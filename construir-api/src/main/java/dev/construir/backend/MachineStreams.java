package dev.construir.backend;

import dev.construir.backend.StreamReader.Receipts;
import dev.construir.machine.MachineChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The streams of a machine: its console in both directions, the job's output, and the channel to its sandbox port.
 * The first two are read to their ends, so that a full stream never stops the guest; the channel is read by the
 * caller that asks for it.
 *
 * <p>Owns the sockets and two daemon threads, one for each stream that is read, which end with the streams. A third one runs from
 * the first {@link #writeConsole} until {@link #close}. Safe for use by many threads.
 *
 * @since 0.1
 */
public final class MachineStreams implements AutoCloseable {
    private final StreamReader console;
    private final StreamWriter keyboard;
    private final StreamReader output;
    private final SocketChannelLink channel;

    private MachineStreams(
            StreamReader console, StreamWriter keyboard, StreamReader output, SocketChannelLink channel) {
        this.console = console;
        this.keyboard = keyboard;
        this.output = output;
        this.channel = channel;
    }

    /**
     * Starts to read both streams, and waits for the channel.
     *
     * @param sockets where the hypervisor connects; owned by the streams from now on. If this method fails, the caller
     *     must close them
     * @param threadPrefix how the names of the threads begin
     * @param console receives what the machine prints on its console; a buffer is valid during the call
     * @param output receives the job's output; a buffer is valid during the call. The guest receives a receipt for how
     *     much of it was received
     * @return the streams
     * @throws IOException if the host refuses what the threads need to wait for bytes
     */
    public static MachineStreams start(
            StreamSockets sockets, String threadPrefix, Consumer<ByteBuffer> console, Consumer<ByteBuffer> output)
            throws IOException {
        StreamReader reader = StreamReader.start(sockets.console(), threadPrefix + "-console", console, Receipts.NONE);
        return new MachineStreams(
                reader,
                new StreamWriter(reader, threadPrefix + "-keyboard"),
                StreamReader.start(sockets.output(), threadPrefix + "-output", output, Receipts.GIVEN),
                SocketChannelLink.start(sockets.sandbox(), threadPrefix + "-channel"));
    }

    /**
     * Returns the channel to the guest's sandbox port.
     *
     * @return the same channel at every call; {@link #close} closes it
     */
    public MachineChannel channel() {
        return channel;
    }

    /**
     * Waits until the hypervisor has connected all streams.
     *
     * @param limit how long to wait for each
     * @return whether they were connected in time
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitConnection(Duration limit) throws InterruptedException {
        return console.awaitConnection(limit) && output.awaitConnection(limit) && channel.awaitConnection(limit);
    }

    /**
     * Writes bytes to the console and waits until its socket has taken them. The bytes of one call stay together.
     *
     * @param bytes the bytes; the position afterwards is behind the last byte that was accepted
     * @throws IOException if the console has ended before it took them all
     * @throws InterruptedException if the thread was interrupted; accepted bytes are still written
     */
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        keyboard.write(bytes);
    }

    /**
     * Reads what a paused guest has left in its QEMU, until no more comes.
     *
     * @param question asks QEMU anything that its main loop answers
     * @param limit how long it may take
     * @param <E> what an unanswered question throws
     * @return whether everything was read in time
     * @throws E if QEMU did not answer
     * @throws InterruptedException if the thread was interrupted
     */
    public <E extends Exception> boolean drain(PausedGuestDrain.Question<E> question, Duration limit)
            throws E, InterruptedException {
        return new PausedGuestDrain<>(question, List.of(output, console)).run(limit);
    }

    /** Gives up waiting for connections. Connected streams are still read to their ends. Idempotent. */
    public void stopWaiting() {
        console.stopWaiting();
        output.stopWaiting();
        channel.stopWaiting();
    }

    /**
     * Waits until the ends of both streams were handed on.
     *
     * @param limit how long to wait for each
     * @return whether both came in time
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return console.awaitEnd(limit) && output.awaitEnd(limit);
    }

    /** Stops reading, and hands on nothing more than what is being handed on right now. Idempotent. */
    public void abandon() {
        console.abandon();
        output.abandon();
        channel.close();
    }

    /** Refuses further writes to the console and ends their thread, and closes the channel. Reading goes on. Idempotent. */
    @Override
    public void close() {
        keyboard.close();
        channel.close();
    }

    /** Returns how much of each stream was read. */
    @Override
    public String toString() {
        return console + "; " + output;
    }
}
