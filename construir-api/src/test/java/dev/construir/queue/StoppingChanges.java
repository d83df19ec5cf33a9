package dev.construir.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Blocks before one of the steps, like a stopped process, until released. */
final class StoppingChanges extends DurableFileOps {
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private int before = Integer.MAX_VALUE;
    private volatile boolean isStopped;

    /** Stops after so many steps from now. */
    synchronized void arm(int steps) {
        before = steps;
    }

    /** Waits until it has stopped, or until a thread has ended without that. Returns whether it has stopped. */
    boolean awaitStop(Thread thread) throws InterruptedException {
        while (!stopped.await(1, TimeUnit.MILLISECONDS)) {
            if (!thread.isAlive()) {
                return stopped.getCount() == 0;
            }
        }
        return true;
    }

    /** Stops writing signs of life, but goes on. */
    void fallSilent() {
        isStopped = true;
    }

    void goOn() {
        isStopped = false;
        goOn.countDown();
    }

    @Override
    void step() throws IOException {
        synchronized (this) {
            if (before-- != 0) {
                return;
            }
        }
        isStopped = true;
        stopped.countDown();
        boolean interrupted = false;
        for (boolean waited = false; !waited; ) {
            try {
                goOn.await();
                waited = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    void overwrite(Path file, byte[] content) throws IOException {
        if (!isStopped) {
            super.overwrite(file, content);
        }
    }
}
