package dev.construir.libvirt;

import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.DomainChange.Stop;
import dev.construir.machine.MachineExit;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what tells how a machine ended. What the guest did comes first, then what befell the machine, then what was done to it; but a
 * machine that may still run has not ended at all.
 * Safe for use by many threads.
 */
final class DomainExitClassifier {
    private final boolean guestEndsAreTold;
    private @Nullable MachineExit guests;
    private @Nullable MachineExit befell;
    private @Nullable String killed;
    private @Nullable String outOfReach;
    private @Nullable Stop stop;
    private boolean gone;

    /** What has to be done about news. */
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
        /** Nobody knows whether the machine is there: it has to be looked for. */
        SEARCH
    }

    /**
     * Creates an ending.
     *
     * @param guestEndsAreTold whether libvirt tells how a guest ended its machine
     */
    DomainExitClassifier(boolean guestEndsAreTold) {
        this.guestEndsAreTold = guestEndsAreTold;
    }

    /** Takes news, in the order in which they came. */
    synchronized Consequence onEvent(DomainChange news) {
        if (gone) {
            return Consequence.NONE;
        }
        if (news instanceof DomainChange.GuestEnded ended) {
            guest(
                    switch (ended.how()) {
                        case POWER_OFF -> new MachineExit.PoweredOff();
                        case RESET -> new MachineExit.Rebooted();
                        case PANIC -> new MachineExit.Panicked();
                    });
            return Consequence.MEASURE;
        } else if (news instanceof DomainChange.Panicked) {
            guest(new MachineExit.Panicked());
            return Consequence.DRAIN;
        } else if (news instanceof DomainChange.DiskFull full) {
            befell(new MachineExit.DiskFull(full.file()));
            return Consequence.DESTROY;
        } else if (news instanceof DomainChange.Paused) {
            // Nobody here ever asks for that, and no guest comes out of it by itself.
            if (guests == null) {
                befell(new MachineExit.Lost("libvirt paused the machine and does not have it go on"));
            }
            return guests == null ? Consequence.DESTROY : Consequence.NONE;
        } else if (news instanceof DomainChange.Stopped stopped) {
            stop = stopped.how();
            return Consequence.GONE;
        }
        return Consequence.SEARCH;
    }

    /** Waits for the word that the guest ended the machine; returns whether it came within a limit. */
    synchronized boolean awaitGuestsEnd(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (long left = limit.toNanos(); guests == null && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return guests != null;
    }

    /**
     * Notes that somebody wants the machine's end.
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

    /** Notes that the machine got out of reach. */
    synchronized void lost(String why) {
        befell(new MachineExit.Lost(why));
    }

    /** Notes that the machine may still run, which is worse than all else that is known of it: its disks may still be written to. */
    synchronized void outOfReach(String why) {
        if (stop == null) { // or libvirt has said that it ended
            outOfReach = why;
        }
    }

    /** Notes that the machine is gone: whoever wants it to end from now on is too late to be the reason. */
    synchronized void gone() {
        gone = true;
    }

    /**
     * Decides how the machine ended, now that it is gone.
     *
     * @param lastWords what QEMU said last
     */
    synchronized MachineExit decide(String lastWords) {
        if (outOfReach != null) {
            return new MachineExit.Lost(outOfReach);
        }
        if (guests != null) {
            return guests;
        }
        if (stop == Stop.BY_GUEST && !guestEndsAreTold) {
            return new MachineExit.Ended();
        }
        if (befell != null) {
            return befell;
        }
        if (killed != null) {
            return new MachineExit.Killed(killed);
        }
        return stop == Stop.DESTROYED
                ? new MachineExit.Lost("somebody else had libvirt destroy the machine")
                : new MachineExit.Died(-1, lastWords);
    }

    private void guest(MachineExit how) {
        if (guests == null) {
            guests = how;
            notifyAll();
        }
    }

    private void befell(MachineExit what) {
        if (befell == null && killed == null) {
            befell = what;
        }
    }
}
