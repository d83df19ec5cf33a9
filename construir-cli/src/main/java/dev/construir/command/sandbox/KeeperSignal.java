package dev.construir.command.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a keeper says to the process that started it, by lines: what it waits for, and that its sandbox is open. Until then
 * that process must stay: its end interrupts the keeper. Owns a daemon thread that waits for that.
 */
public final class KeeperSignal {
    static final String READY = "ready";
    static final String STATUS = "status ";

    private final OutputStream out;
    private final AtomicBoolean decided = new AtomicBoolean();
    private volatile boolean ready;

    private KeeperSignal(OutputStream out) {
        this.out = out;
    }

    /**
     * Begins to watch the process that started this one.
     *
     * @param in ends when that ends
     * @param out leads to it
     * @param worker is interrupted if it ends before the sandbox is open
     */
    public static KeeperSignal start(InputStream in, OutputStream out, Thread worker) {
        KeeperSignal signal = new KeeperSignal(out);
        Thread thread = new Thread(() -> signal.watch(in, worker), "construir-keeper-opener");
        thread.setDaemon(true);
        thread.start();
        return signal;
    }

    @SuppressWarnings("StatementWithEmptyBody") // what it says does not matter
    private void watch(InputStream in, Thread worker) {
        try {
            while (in.read() >= 0) {}
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            // as its end
        }
        if (decided.compareAndSet(false, true)) {
            worker.interrupt();
        }
    }

    /** Passes on what it waits for. */
    public void status(String text) {
        if (!text.isEmpty()) {
            try {
                line(STATUS + text);
            } catch (
                    @SuppressWarnings("unused")
                    IOException e) {
                // whose end interrupts as well
            }
        }
    }

    /**
     * Says that the sandbox is open.
     *
     * @throws IOException if nobody waits for it any more
     */
    public void ready() throws IOException {
        if (!decided.compareAndSet(false, true)) {
            throw new IOException("who opened the sandbox is gone");
        }
        line(READY);
        ready = true;
    }

    /** Returns whether it has been said that the sandbox is open. */
    public boolean isReady() {
        return ready;
    }

    private synchronized void line(String text) throws IOException {
        out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
