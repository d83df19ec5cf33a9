package dev.construir.examples.command;

import dev.construir.ConstruirException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an interrupt of the thread that works, and lets it clean up before the process ends with
 * {@link ExitCode#CANCELLED}.
 */
final class Interruption {
    private static final int PATIENCE_SECONDS = 90; // a run gives up a machine that cannot be killed after 60
    private static final int SHORT_PATIENCE_SECONDS = 3;

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch cleanedUp = new CountDownLatch(1);

    private final int patience;

    private Interruption(int patience) {
        this.patience = patience;
    }

    /** What can be interrupted. */
    @FunctionalInterface
    interface Work {
        /** Does it, and returns an exit code. */
        int perform() throws ConstruirException, IOException, InterruptedException;
    }

    /** Does some work on the calling thread; returns its exit code, or the one for an interrupt. */
    static int ends(Work work, Screen screen) throws ConstruirException, IOException {
        return ends(work, screen, PATIENCE_SECONDS);
    }

    /** The same for work that leaves little behind, and may be stuck where an interrupt does not reach: at its stdout. */
    static int endsSoon(Work work, Screen screen) throws ConstruirException, IOException {
        return ends(work, screen, SHORT_PATIENCE_SECONDS);
    }

    private static int ends(Work work, Screen screen, int patience) throws ConstruirException, IOException {
        Interruption interruption = new Interruption(patience);
        Thread hook = new Thread(interruption::interrupt, "construir-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return work.perform();
        } catch (InterruptedException | ClosedByInterruptException e) {
            Thread.interrupted(); // a channel that was closed leaves it set
            screen.say("cancelled");
            return ExitCode.CANCELLED;
        } finally {
            interruption.cleanedUp.countDown();
            remove(hook);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (
                @SuppressWarnings("unused")
                IllegalStateException ending) {
            // the process is ending already: the hook has the last word
        }
    }

    private void interrupt() {
        worker.interrupt();
        try {
            if (!cleanedUp.await(patience, TimeUnit.SECONDS)) {
                System.err.println("construir: gave up waiting for the clean-up after " + patience + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCode.CANCELLED);
    }
}
