package dev.construir.run;

import java.io.OutputStream;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Receives the events of one run, in order, on a thread of that run. The machine does not wait for a slow listener
 * unless {@link Runner.Builder#listenerStall} allows it: output beyond {@link Runner.Builder#listenerBuffer} is dropped
 * and counted. What the listener throws, errors too, is logged once and has no effect on the run. A run returns after
 * its listener has received everything. A listener whose call takes longer than {@link Runner.Builder#listenerPatience}
 * is interrupted and receives nothing more.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface RunListener {
    /** Ignores everything. */
    RunListener NONE = event -> {};

    /**
     * Returns a listener that writes what the job prints, as it comes, for example to {@code System.out}. Where output
     * had to be left out, a line says how much. The job chooses the bytes: on a terminal they may be escape sequences.
     *
     * @param out where to; flushed after each piece, and not closed
     * @return the listener, for one run
     */
    static RunListener to(OutputStream out) {
        Objects.requireNonNull(out, "out");
        return event -> {
            if (event instanceof RunEvent.Output output) {
                OutputCopy.write(output, out);
            }
        };
    }

    /**
     * Returns a listener that passes on what the job prints, line by line, for example to a logger.
     *
     * <pre>{@code
     * JobResult result = runner.run(job, RunListener.lines(logger::info));
     * }</pre>
     *
     * <p>A line is UTF-8; bytes that are none become U+FFFD. It has no line feed at its end, nor the carriage return
     * before that. A line of more than 16,384 bytes comes in pieces of at most so many bytes, which split no character.
     * What follows the last line feed is a line when the machine is gone. Where output had to be dropped, a line in
     * square brackets says how much. The job chooses the characters: on a terminal they may be escape sequences.
     *
     * @param lines receives each line, on the thread of its run
     * @return the listener, for any number of runs, also at once
     * @since 0.1
     */
    static RunListener lines(Consumer<String> lines) {
        return new LineListener(Objects.requireNonNull(lines, "lines"));
    }

    /**
     * Receives an event.
     *
     * @param event what happened
     */
    void on(RunEvent event);
}
