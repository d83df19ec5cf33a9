package dev.construir.thread;

/** Waits through interrupts, which are noted and given back at the end. */
public final class Uninterrupted {
    /** A wait that an interrupt ends. */
    @FunctionalInterface
    public interface Wait {
        /**
         * Waits.
         *
         * @throws InterruptedException if the thread is interrupted
         */
        void await() throws InterruptedException;
    }

    private Uninterrupted() {}

    /**
     * Repeats a wait until it ends by itself.
     *
     * @param wait the wait
     */
    public static void run(Wait wait) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    wait.await();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
