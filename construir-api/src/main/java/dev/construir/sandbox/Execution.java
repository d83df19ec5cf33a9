package dev.construir.sandbox;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A command that runs in a sandbox. Safe for use by many threads.
 *
 * <p>What it prints waits in the guest while nobody reads it: at most 256 KiB of each stream are on the host. A stream
 * that was not asked for stops nothing: while the other one is read, or the end awaited, its beginning and its end are
 * kept for the {@linkplain ExecutionResult#stdout result}, and the rest is dropped. Who wants both streams asks for both
 * before reading one, and reads them on two threads.
 *
 * <pre>{@code
 * try (Execution make = vm.exec("make", "check").start()) {
 *     make.stdout().transferTo(System.out);
 *     System.out.println(make.await().end().describe());
 * }
 * }</pre>
 *
 * @since 0.1
 */
public interface Execution extends AutoCloseable {
    /**
     * Returns its number, by which {@link Sandbox#execution} finds it while it runs.
     *
     * @return a positive number that no other execution of the sandbox has
     */
    int id();

    /**
     * Returns the number of its process in the sandbox.
     *
     * @return completes when it was started; exceptionally, with an {@link java.io.IOException}, if it was not
     */
    CompletableFuture<Integer> process();

    /**
     * Returns its standard input. Closing it ends the input. Writing waits while the command does not read, and throws
     * an {@link java.io.IOException} when it has ended; an interrupt ends the wait with an
     * {@link java.io.InterruptedIOException}.
     *
     * @return the stream, the same at every call; without input ({@link Command#input}) it is closed
     */
    OutputStream stdin();

    /**
     * Returns its standard output. Reading waits for more, until the command has ended; an interrupt ends the wait with
     * an {@link java.io.InterruptedIOException} and loses nothing. A lost sandbox ends it with an
     * {@link java.io.IOException} behind what has come. Closing it drops the rest.
     *
     * @return the stream, the same at every call
     * @throws IllegalStateException if its output is kept for the result or goes to a listener
     */
    InputStream stdout();

    /**
     * Returns its standard error; the rules of {@link #stdout} hold. With {@link Command#mergeStderr} or a terminal it
     * is empty.
     *
     * @return the stream, the same at every call
     * @throws IllegalStateException if its output is kept for the result or goes to a listener
     */
    InputStream stderr();

    /**
     * Sends a signal to its process group. Does nothing after the end.
     *
     * @param number the signal, 1 to 64
     * @throws IllegalArgumentException if there is no such signal
     */
    void signal(int number);

    /** Kills its process group, by signal 9. Does nothing after the end. */
    default void kill() {
        signal(9);
    }

    /**
     * Changes the size of its terminal, if it has one; its foreground processes receive SIGWINCH.
     *
     * @param rows the rows, 0 to 65535
     * @param columns the columns, 0 to 65535
     * @throws IllegalArgumentException if a number is out of its range
     */
    void resize(int rows, int columns);

    /**
     * Returns the result once there is one. It completes when the guest has reported the end, the sandbox is lost, or
     * the guest did not end the execution within 30 seconds after a limit; never exceptionally. What depends on it runs
     * on a thread of the common pool. From this call on, a stream of which more than 256 KiB have come before anybody
     * asked for it is kept for the result.
     *
     * @return a new future at every call; completing or cancelling it has no effect on the execution
     */
    CompletableFuture<ExecutionResult> result();

    /**
     * Waits for the end. Streams that were not asked for are kept for the result from now on; one that was asked for
     * must be read by another thread, or to its end before, or the command may wait for that for ever.
     *
     * @return the result
     * @throws InterruptedException if the thread was interrupted; the execution goes on
     */
    ExecutionResult await() throws InterruptedException;

    /**
     * Waits for the end, for a limited time. The rules of {@link #await()} hold.
     *
     * @param limit how long to wait
     * @return the result; empty if the time is over, in which case the execution goes on
     * @throws InterruptedException if the thread was interrupted; the execution goes on
     */
    Optional<ExecutionResult> await(Duration limit) throws InterruptedException;

    /**
     * Leaves the execution to itself: its input ends, its output is kept for the result as far as it goes there, and
     * {@link #close} does not end it. It ends by itself, by its limits, or with the sandbox.
     *
     * @throws IllegalStateException if a stream was asked for
     */
    void detach();

    /** Kills its process group if it runs and is not detached, and drops its streams. Does not wait. Idempotent. */
    @Override
    void close();
}
