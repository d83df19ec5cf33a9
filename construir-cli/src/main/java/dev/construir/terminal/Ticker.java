package dev.construir.terminal;

import dev.construir.ConstruirException;
import java.io.PrintStream;
import java.time.Instant;

/** Keeps the clock of the live status line going, and keeps others from writing into it. */
public final class Ticker {
    private static final long EVERY_MILLIS = 500;

    private Ticker() {}

    /** What takes its time. */
    @FunctionalInterface
    public interface Work<T> {
        T perform() throws ConstruirException, InterruptedException;
    }

    /** Shows a status line for as long as the work takes. */
    public static <T> T during(Work<T> work, Screen screen, LiveLine line)
            throws ConstruirException, InterruptedException {
        Thread clock = new Thread(() -> tick(line), "construir-clock");
        clock.setDaemon(true);
        PrintStream before = System.err;
        if (screen.isLive()) {
            clock.start();
            System.setErr(ScreenLines.on(screen));
        }
        try {
            return work.perform();
        } finally {
            System.setErr(before);
            line.end();
            clock.interrupt();
        }
    }

    private static void tick(LiveLine line) {
        while (line.refresh(Instant.now())) {
            try {
                Thread.sleep(EVERY_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
