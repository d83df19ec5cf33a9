package dev.construir.terminal;

import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Brings the job's output to the screen on its own thread, so that nothing is lost and nothing waits when stdout is
 * read slowly. What is not yet read goes to a file in the scratch directory, no more than the job may print. When
 * stdout's reader goes away ({@code | head}) the rest is thrown away and the run goes on; when the file cannot grow,
 * stdout ends there, and the output is incomplete.
 */
public final class JobOutput implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 20;

    private final Screen screen;
    private final Path scratch;
    private final Backlog backlog;
    private final Thread writer;
    private volatile boolean readerGone;
    private volatile boolean incomplete;

    private JobOutput(Screen screen, Path scratch) {
        this.screen = screen;
        this.scratch = scratch;
        this.backlog = new Backlog(scratch, IN_MEMORY);
        this.writer = new Thread(this::write, "construir-output");
        writer.setDaemon(true);
    }

    public static JobOutput start(Screen screen, Path scratch) {
        JobOutput output = new JobOutput(screen, scratch);
        output.writer.start();
        return output;
    }

    /** Takes output, without waiting until it is written. */
    public void add(ByteBuffer bytes) {
        if (readerGone || incomplete) {
            return;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        try {
            backlog.put(copy);
        } catch (IOException e) {
            incomplete = true;
            screen.say("stdout is read too slowly, and " + scratch + " has no room for what waits (" + Reason.of(e)
                    + "): it ends early; name a directory with room by --scratch. The whole is in "
                    + "construir.log on the job disk");
        }
    }

    /**
     * Waits until everything has been written.
     *
     * @param dropped how much of the output never came here
     * @param patience how long to wait; what has not been written by then is thrown away
     * @return whether stdout's reader, unless it went away, has got everything
     */
    public boolean finish(long dropped, Duration patience) throws InterruptedException {
        backlog.end();
        writer.join(patience.toMillis());
        if (writer.isAlive()) {
            incomplete = true;
            screen.say("stdout is not read: the end of the output is in construir.log on the job disk");
        }
        return readerGone || (!incomplete && dropped == 0);
    }

    private void write() {
        try {
            for (byte[] bytes = backlog.take(); bytes != null; bytes = backlog.take()) {
                if (!readerGone) {
                    screen.output(bytes);
                }
            }
            screen.endOutput();
        } catch (InterruptedException e) {
            readerGone = true; // closed early: the rest is not needed
        } catch (ReaderGoneException e) {
            readerGone = true;
        } catch (IOException e) {
            if (!readerGone) {
                readerGone = true;
                screen.say("stdout cannot be written (" + StdoutException.reason(e) + "); the run goes on without it");
            }
        }
    }

    /** Throws away what has not been written. A write that hangs is left to the end of the process. */
    @Override
    public void close() throws IOException {
        readerGone = true;
        writer.interrupt();
        backlog.close();
    }
}
