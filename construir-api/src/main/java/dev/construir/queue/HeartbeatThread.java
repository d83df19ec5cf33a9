package dev.construir.queue;

import dev.construir.thread.Uninterrupted;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a task at an interval of a monotonic clock until closed. Another thread writes all log lines: a blocked log
 * must not stop the heartbeat.
 */
final class HeartbeatThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatThread.class);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Executor log;
    private final Thread thread;

    private HeartbeatThread(Duration period, Runnable turn, Executor log) {
        this.log = log;
        this.thread = new Thread(() -> run(period.toNanos(), turn), "construir-heartbeat");
        thread.setDaemon(true);
    }

    static HeartbeatThread start(Duration period, Runnable turn, Executor log) {
        HeartbeatThread heartbeat = new HeartbeatThread(period, turn, log);
        heartbeat.thread.start();
        return heartbeat;
    }

    private void run(long period, Runnable turn) {
        try {
            while (!ended.await(period, TimeUnit.NANOSECONDS)) {
                turn(turn);
            }
        } catch (InterruptedException e) {
            // not expected: no code interrupts this thread
            log.execute(() -> LOG.error("the heartbeat was interrupted, and stops", e));
        }
    }

    private void turn(Runnable turn) {
        try {
            turn.run();
        } catch (RuntimeException | Error e) { // the next turn may succeed
            log.execute(() -> LOG.error("the heartbeat failed in a way that it should not", e));
        }
    }

    /** Stops, and waits for a turn in progress. */
    @Override
    public void close() {
        ended.countDown();
        Uninterrupted.run(thread::join);
    }
}
