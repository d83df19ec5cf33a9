package dev.construir.terminal;

import dev.construir.ConstruirException;
import dev.construir.job.Limits;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C, SIGTERM and SIGHUP into interrupts of the thread that works, and lets it clean up before the process
 * ends with {@link ExitCode#CANCELLED}. Each kind of work takes a number of signals; one more ends the process at once.
 */
public final class CancelOnSignal {
    private static final Duration CLEAN_UP = Duration.ofSeconds(5);
    private static final Duration GIVE_BACK = Duration.ofSeconds(90); // a run gives up a machine after 60
    // timeout(1) and terminals signal a process and its group: that is one wish.
    private static final Duration ONE_WISH = Duration.ofMillis(300);

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private final List<Duration> patience;
    private final Screen screen;

    // guarded by this
    private int heard;
    private long lastHeard;
    private boolean delivering;

    /**
     * Creates one for the calling thread.
     *
     * @param patience how long the work may go on after each signal
     */
    private CancelOnSignal(List<Duration> patience, Screen screen) {
        this.patience = patience;
        this.screen = screen;
    }

    /** What can be interrupted. */
    @FunctionalInterface
    public interface Work {
        /** Does it, and returns an exit code. */
        int perform() throws ConstruirException, IOException, InterruptedException;
    }

    /** What can be interrupted, and delivers what it has by then. */
    @FunctionalInterface
    public interface DeliveringWork {
        /** Does it, says when it begins to deliver, and returns an exit code. */
        int perform(CancelOnSignal interruption) throws ConstruirException, IOException, InterruptedException;
    }

    /** Does some work on the calling thread; returns its exit code, or the one for an interrupt. */
    public static int ends(Work work, Screen screen) throws ConstruirException, IOException {
        return endsThenDelivers(interruption -> work.perform(), screen);
    }

    /** The same for work that delivers what it has after a first signal, and stops that at a second one. */
    public static int endsThenDelivers(DeliveringWork work, Screen screen) throws ConstruirException, IOException {
        return new CancelOnSignal(List.of(Limits.UNLIMITED, CLEAN_UP), screen).perform(work);
    }

    /**
     * The same for work that leaves little behind, and may be stuck where an interrupt does not reach: at its stdin or
     * stdout.
     */
    public static int endsSoon(Work work, Screen screen) throws ConstruirException, IOException {
        return new CancelOnSignal(List.of(CLEAN_UP), screen).perform(interruption -> work.perform());
    }

    /**
     * The same for work that takes a first signal as a request and only a second one as an order: both are interrupts.
     */
    public static int endsAtTheSecond(Work work, Screen screen) throws ConstruirException, IOException {
        return new CancelOnSignal(List.of(Limits.UNLIMITED, GIVE_BACK), screen).perform(interruption -> work.perform());
    }

    private int perform(DeliveringWork work) throws ConstruirException, IOException {
        Signals signals = Signals.heard(this::interrupt);
        try {
            return work.perform(this);
        } catch (InterruptedException | ClosedByInterruptException e) {
            return cancelled();
        } catch (InterruptedIOException e) {
            if (e instanceof SocketTimeoutException) {
                throw e; // no interrupt, for all its name
            }
            return cancelled();
        } finally {
            cleanedUp.countDown();
            if (!wasHeard()) {
                signals.close();
            } // else the process ends now, and one signal more must not change what it ends with
        }
    }

    private int cancelled() {
        Thread.interrupted(); // a channel that was closed leaves it set, as a stream does
        screen.say("cancelled");
        return ExitCode.CANCELLED;
    }

    /**
     * Called by the worker as it begins to deliver: from now on a first signal is answered, and only a second one
     * interrupts. Returns whether there was one.
     */
    public synchronized boolean deliver() {
        delivering = true;
        boolean interrupted = heard < 2 && Thread.interrupted();
        return heard > 0 || interrupted;
    }

    private synchronized boolean wasHeard() {
        return heard > 0;
    }

    private void interrupt() {
        int count = count();
        if (count > patience.size()) {
            InheritedDescriptors.exit(ExitCode.CANCELLED);
        } else if (count > 0) {
            awaitCleanUp(patience.get(count - 1));
        }
    }

    // Returns which signal it is; 0 for one that belongs to the last.
    private synchronized int count() {
        long now = System.nanoTime();
        if (heard > 0 && now - lastHeard < ONE_WISH.toNanos()) {
            return 0;
        }
        lastHeard = now;
        heard++;
        if (delivering && heard == 1) {
            screen.say("the results are being delivered; a second signal stops that");
        } else {
            worker.interrupt();
        }
        return heard;
    }

    private void awaitCleanUp(Duration limit) {
        try {
            if (!cleanedUp.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("construir: cancelled; the clean-up takes longer than " + limit.toSeconds() + " s");
                InheritedDescriptors.exit(ExitCode.CANCELLED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
