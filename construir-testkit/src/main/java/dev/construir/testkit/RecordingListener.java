package dev.construir.testkit;

import dev.construir.machine.MachineListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps what a machine says: the first mebibyte of its console, and how much there was of everything.
 *
 * @since 0.1
 */
public final class RecordingListener implements MachineListener {
    private static final int KEPT = 1 << 20;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();
    private final AtomicLong consoleBytes = new AtomicLong();
    private final AtomicLong outputBytes = new AtomicLong();
    private final AtomicInteger running = new AtomicInteger();

    /** Creates a listener that has heard nothing yet. */
    public RecordingListener() {}

    @Override
    public void console(ByteBuffer bytes) {
        consoleBytes.addAndGet(bytes.remaining());
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        synchronized (console) {
            console.write(copy, 0, Math.min(copy.length, KEPT - console.size()));
        }
    }

    @Override
    public void output(ByteBuffer bytes) {
        outputBytes.addAndGet(bytes.remaining());
    }

    @Override
    public void running() {
        running.incrementAndGet();
    }

    /**
     * Returns what was printed on the console.
     *
     * @return the first mebibyte, as text
     */
    public String console() {
        synchronized (console) {
            return console.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /**
     * Returns how much was printed on the console.
     *
     * @return the number of bytes
     */
    public long consoleBytes() {
        return consoleBytes.get();
    }

    /**
     * Returns how much was written to the output port.
     *
     * @return the number of bytes
     */
    public long outputBytes() {
        return outputBytes.get();
    }

    /**
     * Returns how often the machine was said to run.
     *
     * @return the number of calls
     */
    public int timesRunning() {
        return running.get();
    }
}
