package dev.construir.libvirt;

import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.DomainChange.Stop;
import dev.construir.machine.MachineExit;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how a machine ended, from all that was observed. What the guest did comes first, then what happened to the
 * machine, then what was done to it. A machine that may still run has not ended at all. Safe for use by many threads.
 */
final class DomainExitClassifier {
    private final boolean guestEndsAreReported;
    private @Nullable MachineExit guestEnd;
    private @Nullable MachineExit happened;
    private @Nullable String killed;
    private @Nullable String outOfReach;
    private @Nullable Stop stop;
    private boolean gone;

    /** What a change requires. */
    enum Consequence {
        /** Nothing. */
        NONE,
        /** The guest is about to be gone: it can be asked for the last time what it used. */
        MEASURE,
        /** The guest is paused for good: what it has printed has to be read, and then the machine is destroyed. */
        DRAIN,
        /** The machine can't go on and has to be destroyed. */
        DESTROY,
        /** The machine is gone. */
        GONE,
        /** It is unknown whether the machine is there. It must be searched for. */
        SEARCH
    }

    /**
     * Creates a classifier.
     *
     * @param guestEndsAreReported whether libvirt reports how a guest ended its machine
     */
    DomainExitClassifier(boolean guestEndsAreReported) {
        this.guestEndsAreReported = guestEndsAreReported;
    }

    /** Takes a change. Changes must arrive in the order in which they happened. */
    synchronized Consequence onEvent(DomainChange change) {
        if (gone) {
            return Consequence.NONE;
        }
        if (change instanceof DomainChange.GuestEnded ended) {
            guest(
                    switch (ended.how()) {
                        case POWER_OFF -> new MachineExit.PoweredOff();
                        case RESET -> new MachineExit.Rebooted();
                        case PANIC -> new MachineExit.Panicked();
                    });
            return Consequence.MEASURE;
        } else if (change instanceof DomainChange.Panicked) {
            guest(new MachineExit.Panicked());
            return Consequence.DRAIN;
        } else if (change instanceof DomainChange.DiskFull full) {
            happened(new MachineExit.DiskFull(full.file()));
            return Consequence.DESTROY;
        } else if (change instanceof DomainChange.Paused) {
            // No code here pauses a domain, and no guest resumes by itself.
            if (guestEnd == null) {
                happened(new MachineExit.Lost("libvirt paused the machine and does not resume it"));
            }
            return guestEnd == null ? Consequence.DESTROY : Consequence.NONE;
        } else if (change instanceof DomainChange.Stopped stopped) {
            stop = stopped.how();
            return Consequence.GONE;
        }
        return Consequence.SEARCH;
    }

    /** Waits for the report that the guest ended the machine. Returns whether it came within the limit. */
    synchronized boolean awaitGuestsEnd(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (long left = limit.toNanos(); guestEnd == null && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return guestEnd != null;
    }

    /**
     * Records that a caller wants the machine's end.
     *
     * @return whether that is the first time, and the machine still there
     */
    synchronized boolean kill(String why) {
        if (killed != null || gone) {
            return false;
        }
        killed = why;
        return true;
    }

    /** Records that the machine got out of reach. */
    synchronized void lost(String why) {
        happened(new MachineExit.Lost(why));
    }

    /** Records that the machine may still run and write to its disks. This overrides all other observations. */
    synchronized void outOfReach(String why) {
        if (stop == null) { // or libvirt has said that it ended
            outOfReach = why;
        }
    }

    /** Records that the machine is gone. A later kill is not the reason of its end. */
    synchronized void gone() {
        gone = true;
    }

    /**
     * Decides how the machine ended, now that it is gone.
     *
     * @param lastWords the end of what QEMU wrote
     */
    synchronized MachineExit decide(String lastWords) {
        if (outOfReach != null) {
            return new MachineExit.Lost(outOfReach);
        }
        if (guestEnd != null) {
            return guestEnd;
        }
        if (stop == Stop.BY_GUEST && !guestEndsAreReported) {
            return new MachineExit.Ended();
        }
        if (happened != null) {
            return happened;
        }
        if (killed != null) {
            return new MachineExit.Killed(killed);
        }
        return stop == Stop.DESTROYED
                ? new MachineExit.Lost("another user of libvirt destroyed the machine")
                : new MachineExit.Died(-1, lastWords);
    }

    private void guest(MachineExit how) {
        if (guestEnd == null) {
            guestEnd = how;
            notifyAll();
        }
    }

    private void happened(MachineExit what) {
        if (happened == null && killed == null) {
            happened = what;
        }
    }
}
