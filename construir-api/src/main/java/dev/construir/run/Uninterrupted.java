package dev.construir.run;

/** Waits through interrupts, which are noted and given back at the end. */
final class Uninterrupted {
    /** A wait that an interrupt ends. */
    @FunctionalInterface
    interface Wait {
        void await() throws InterruptedException;
    }

    private Uninterrupted() {}

    /** Repeats a wait until it ends by itself. */
    static void run(Wait wait) {
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
