package dev.construir.run;

import org.jspecify.annotations.Nullable;

/** Interrupts the thread of a run, and never after the run has left it. */
final class Cancellation {
    private @Nullable Thread thread;

    Cancellation(Thread thread) {
        this.thread = thread;
    }

    synchronized void cancel() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    synchronized void disarm() {
        thread = null;
    }
}
