package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.qemu.qmp.QmpEvent;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what tells how a machine ended. What the guest did comes first, then what befell the machine, then what was done to it.
 * Safe for use by many threads.
 */
final class ExitClassifier {
    private final Map<String, Path> files;
    private @Nullable MachineExit guests;
    private @Nullable Path full;
    private @Nullable String lost;
    private @Nullable String killed;
    private boolean gone;
    private boolean stopWanted;

    /** What has to be done about an event. */
    enum Consequence {
        /** Nothing. */
        NONE,
        /** The guest ended the machine, which waits to be let go. */
        OVER,
        /** Something else ended the machine. */
        QUIT,
        /** The machine can't go on and has to be ended. */
        END
    }

    /**
     * Creates an ending.
     *
     * @param files the file behind every block node that can grow
     */
    ExitClassifier(Map<String, Path> files) {
        this.files = Map.copyOf(files);
    }

    /** Takes an event, in the order in which they happened. */
    synchronized Consequence event(QmpEvent event) {
        return switch (event.name()) {
            case "SHUTDOWN" -> shutdown(event.text("reason").orElse(""));
            case "GUEST_PANICKED" -> {
                guests = new MachineExit.Panicked();
                yield Consequence.OVER;
            }
            case "BLOCK_IO_ERROR" -> {
                // Other errors were told to the guest, as a disk would tell them; this one stops the machine until
                // there is room.
                if (event.flag("nospace") && full == null) {
                    full = event.text("node-name").map(files::get).orElse(Path.of(""));
                }
                yield Consequence.NONE;
            }
            case "STOP" -> stopped();
            default -> Consequence.NONE;
        };
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

    /** Notes whether the machine may be stopped because that is wanted. */
    synchronized void stopWanted(boolean wanted) {
        stopWanted = wanted;
    }

    /** Notes that the process is gone: whoever wants it to end from now on is too late to be the reason. */
    synchronized void gone() {
        gone = true;
    }

    /** Notes that the machine got out of reach. */
    synchronized void lost(String why) {
        if (lost == null && killed == null) {
            lost = why;
        }
    }

    /** Decides how the machine ended, now that its process has. */
    synchronized MachineExit decide(int status, String lastWords) {
        if (guests != null) {
            return guests;
        }
        if (full != null) {
            return new MachineExit.DiskFull(full);
        }
        if (lost != null) {
            return new MachineExit.Lost(lost);
        }
        return killed != null ? new MachineExit.Killed(killed) : new MachineExit.Died(status, lastWords);
    }

    // No guest comes out of a stop by itself.
    private Consequence stopped() {
        if (guests != null || (stopWanted && full == null)) {
            return Consequence.NONE;
        }
        if (full == null) {
            lost("QEMU stopped the machine without being asked to");
        }
        return Consequence.END;
    }

    private Consequence shutdown(String reason) {
        MachineExit exit = switch (reason) {
            case "guest-shutdown" -> new MachineExit.PoweredOff();
            case "guest-reset", "subsystem-reset" -> new MachineExit.Rebooted();
            case "guest-panic" -> new MachineExit.Panicked();
            default -> null;
        };
        if (guests == null) {
            guests = exit;
        }
        return exit == null ? Consequence.QUIT : Consequence.OVER;
    }
}
