package dev.construir.examples.command;

import dev.construir.ConstruirException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into an interrupt of the thread that works, and lets it clean up before the process ends with
 * {@link ExitCode#CANCELLED}.
 */
final class Interruption {
    private static final int PATIENCE_SECONDS = 90; // a run gives up a machine that cannot be killed after 60
    private static final int SHORT_PATIENCE_SECONDS = 3;

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private final AtomicInteger heard = new AtomicInteger();

    private final int heeded;
    private final int patience;

    private Interruption(int heeded, int patience) {
        this.heeded = heeded;
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
        return new Interruption(1, PATIENCE_SECONDS).perform(work, screen);
    }

    /** The same for work that leaves little behind, and may be stuck where an interrupt does not reach: at its stdout. */
    static int endsSoon(Work work, Screen screen) throws ConstruirException, IOException {
        return new Interruption(1, SHORT_PATIENCE_SECONDS).perform(work, screen);
    }

    /** The same for work that takes a first signal as a request and only a second one as an order: both are interrupts. */
    static int endsAtTheSecond(Work work, Screen screen) throws ConstruirException, IOException {
        return new Interruption(2, PATIENCE_SECONDS).perform(work, screen);
    }

    private int perform(Work work, Screen screen) throws ConstruirException, IOException {
        Signals signals = Signals.heard(this::interrupt);
        try {
            return work.perform();
        } catch (InterruptedException | ClosedByInterruptException e) {
            Thread.interrupted(); // a channel that was closed leaves it set
            screen.say("cancelled");
            return ExitCode.CANCELLED;
        } finally {
            cleanedUp.countDown();
            if (heard.get() == 0) {
                signals.close();
            } // else the process ends now, and one signal more must not change what it ends with
        }
    }

    private void interrupt() {
        int count = heard.incrementAndGet();
        if (count > heeded) {
            return; // it is ending as fast as it can
        }
        worker.interrupt();
        if (count == heeded) {
            awaitCleanUp();
        }
    }

    private void awaitCleanUp() {
        try {
            if (!cleanedUp.await(patience, TimeUnit.SECONDS)) {
                System.err.println("construir: gave up waiting for the clean-up after " + patience + " s");
                System.exit(ExitCode.CANCELLED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
