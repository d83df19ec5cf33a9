package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.qemu.qmp.QmpEvent;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how a machine ended, from all that was observed. What the guest did comes first, then what happened to the
 * machine, then what was done to it. Safe for use by many threads.
 */
final class ExitClassifier {
    private final Map<String, Path> files;
    private @Nullable MachineExit guestEnd;
    private @Nullable Path full;
    private @Nullable String lost;
    private @Nullable String killed;
    private boolean gone;
    private boolean stopWanted;

    /** What an event requires. */
    enum Consequence {
        /** Nothing. */
        NONE,
        /** The guest ended the machine, whose QEMU waits for the command to quit. */
        OVER,
        /** Something else ended the machine. */
        QUIT,
        /** The machine can't go on and has to be ended. */
        END
    }

    /**
     * Creates a classifier.
     *
     * @param files the file behind every block node that can grow
     */
    ExitClassifier(Map<String, Path> files) {
        this.files = Map.copyOf(files);
    }

    /** Takes an event. Events must arrive in the order in which they happened. */
    synchronized Consequence event(QmpEvent event) {
        return switch (event.name()) {
            case "SHUTDOWN" -> shutdown(event.text("reason").orElse(""));
            case "GUEST_PANICKED" -> {
                guestEnd = new MachineExit.Panicked();
                yield Consequence.OVER;
            }
            case "BLOCK_IO_ERROR" -> {
                // The guest received other errors as a disk reports them. This one stops the machine until there is
                // room.
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

    /** Records whether a stop of the machine is wanted. */
    synchronized void stopWanted(boolean wanted) {
        stopWanted = wanted;
    }

    /** Records that the process is gone. A later kill is not the reason of its end. */
    synchronized void gone() {
        gone = true;
    }

    /** Records that the machine got out of reach. */
    synchronized void lost(String why) {
        if (lost == null && killed == null) {
            lost = why;
        }
    }

    /** Decides how the machine ended, now that its process has. */
    synchronized MachineExit decide(int status, String lastWords) {
        if (guestEnd != null) {
            return guestEnd;
        }
        if (full != null) {
            return new MachineExit.DiskFull(full);
        }
        if (lost != null) {
            return new MachineExit.Lost(lost);
        }
        return killed != null ? new MachineExit.Killed(killed) : new MachineExit.Died(status, lastWords);
    }

    // No guest resumes by itself.
    private Consequence stopped() {
        if (guestEnd != null || (stopWanted && full == null)) {
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
        if (guestEnd == null) {
            guestEnd = exit;
        }
        return exit == null ? Consequence.QUIT : Consequence.OVER;
    }
}
