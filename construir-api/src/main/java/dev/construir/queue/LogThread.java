package dev.construir.queue;

import dev.construir.thread.Uninterrupted;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log lines of threads that must not block: a stopped terminal or an unread pipe blocks the thread that
 * logs. Keeps the order of lines, and a limited number while none can be written. The thread starts with the first
 * line. Safe for use by many threads.
 */
final class LogThread implements Executor, AutoCloseable {
    private static final int MOST = 100;
    private static final int PATIENCE_MILLIS = 1000;

    // guarded by this
    private final Deque<Runnable> lines = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** Queues a line, or drops it if too many wait. Returns at once. */
    @Override
    public synchronized void execute(Runnable line) {
        if (closed || lines.size() == MOST) {
            return;
        }
        lines.add(line);
        if (thread == null) {
            thread = new Thread(this::write, "construir-heartbeat-log");
            thread.setDaemon(true);
            thread.start();
        }
        notifyAll();
    }

    private void write() {
        try {
            for (Runnable line = next(); line != null; line = next()) {
                line.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not expected: no code interrupts this thread
        }
    }

    private synchronized @Nullable Runnable next() throws InterruptedException {
        while (lines.isEmpty() && !closed) {
            wait();
        }
        return lines.poll();
    }

    /** Takes no more lines, and waits at most a second for those queued. */
    @Override
    public void close() {
        Thread writing;
        synchronized (this) {
            closed = true;
            writing = thread;
            notifyAll();
        }
        if (writing != null) {
            Uninterrupted.run(() -> writing.join(PATIENCE_MILLIS));
        }
    }
}
