package dev.construir.examples.command;

import dev.construir.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Brings the job's output to the screen on a thread of its own, so that nothing is lost and nothing waits when stdout is read slowly.
 * When stdout's reader goes away ({@code | head}) the rest is thrown away and the run goes on.
 */
final class JobOutput implements AutoCloseable {
    private static final int IN_MEMORY = 8 << 20;

    private final Screen screen;
    private final Backlog backlog;
    private final Thread writer;
    private volatile boolean readerGone;

    private JobOutput(Screen screen, Path scratch) {
        this.screen = screen;
        this.backlog = new Backlog(scratch, IN_MEMORY);
        this.writer = new Thread(this::write, "construir-output");
        writer.setDaemon(true);
    }

    static JobOutput start(Screen screen, Path scratch) {
        JobOutput output = new JobOutput(screen, scratch);
        output.writer.start();
        return output;
    }

    /** Takes output, without waiting until it is written. */
    void add(ByteBuffer bytes) {
        if (readerGone) {
            return;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        try {
            backlog.put(copy);
        } catch (IOException e) {
            giveUp("the job's output cannot be kept for a slow reader, and is no longer shown: " + Reason.of(e));
        }
    }

    /** Waits until everything has been written, for as long as that takes. */
    void finish() throws InterruptedException {
        backlog.end();
        writer.join();
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
            readerGone = true; // closed before its time: nobody waits for the rest
        } catch (IOException e) {
            giveUp("stdout cannot be written (" + Reason.of(e) + "); the run goes on without it");
        }
    }

    private void giveUp(String why) {
        if (!readerGone) {
            readerGone = true;
            screen.say(why);
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
