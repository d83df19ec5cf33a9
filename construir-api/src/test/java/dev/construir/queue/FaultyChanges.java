package dev.construir.queue;

import java.io.IOException;

/** Lets a number of steps pass, and fails some or all that follow. */
final class FaultyChanges extends DurableFileOps {
    private static final int NEVER = Integer.MAX_VALUE;

    private int before = NEVER;
    private int faults;
    private int failed;
    private boolean interrupts;

    /** Fails after so many steps from now, and so often. */
    synchronized void arm(int steps, int times) {
        before = steps;
        faults = times;
    }

    /** Interrupts the thread after so many steps from now, instead. */
    synchronized void armInterrupt(int steps) {
        arm(steps, 1);
        interrupts = true;
    }

    synchronized void heal() {
        before = NEVER;
    }

    /** Returns how often something failed. */
    synchronized int failed() {
        return failed;
    }

    @Override
    synchronized void step() throws IOException {
        if (before == NEVER) {
            return;
        } else if (before > 0) {
            before--;
        } else if (faults > 0) {
            faults--;
            failed++;
            if (interrupts) {
                Thread.currentThread().interrupt();
                return;
            }
            throw new IOException("No space left on device, on purpose");
        }
    }
}
