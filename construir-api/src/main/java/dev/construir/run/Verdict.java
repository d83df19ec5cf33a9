package dev.construir.run;

import dev.construir.guest.JobStatus;
import dev.construir.machine.MachineExit;
import dev.construir.run.Outcome.Crash;
import dev.construir.run.Outcome.StatusFault;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Judges how a job ended: from how its machine ended first, and only if that was a power-off from the status on its
 * disk.
 */
final class Verdict {
    private Verdict() {}

    /**
     * Returns the outcome.
     *
     * @param exit how the machine ended
     * @param killedFor why this side killed it, if it did
     * @param status reads the status on the job disk
     * @param lastWords the end of the console
     */
    static Outcome of(
            MachineExit exit, Optional<Outcome> killedFor, Supplier<JobStatus> status, Supplier<String> lastWords) {
        if (exit instanceof MachineExit.PoweredOff || exit instanceof MachineExit.Ended) {
            return of(status.get());
        } else if (exit instanceof MachineExit.Rebooted) {
            return new Outcome.GuestCrashed(Crash.REBOOT, lastWords.get());
        } else if (exit instanceof MachineExit.Panicked) {
            return new Outcome.GuestCrashed(Crash.PANIC, lastWords.get());
        } else if (exit instanceof MachineExit.Killed killed) {
            return killedFor.orElseGet(
                    () -> new Outcome.MachineLost("it was killed by its hypervisor: " + killed.why()));
        } else if (exit instanceof MachineExit.Died died) {
            return new Outcome.HypervisorDied(died.status(), died.lastWords());
        } else if (exit instanceof MachineExit.DiskFull full) {
            return new Outcome.HostDiskFull(full.file());
        } else if (exit instanceof MachineExit.Lost lost) {
            return new Outcome.MachineLost(lost.why());
        }
        throw new IllegalStateException("no such end of a machine: " + exit);
    }

    private static Outcome of(JobStatus status) {
        if (status instanceof JobStatus.ExitedWith exited) {
            return new Outcome.Exited(exited.code());
        } else if (status instanceof JobStatus.EndedBySignal signalled) {
            return new Outcome.Signalled(signalled.signal());
        } else if (status instanceof JobStatus.Faulty faulty) {
            return new Outcome.NoStatus(fault(faulty.why()), faulty.detail());
        }
        throw new IllegalStateException("no such status: " + status);
    }

    private static StatusFault fault(JobStatus.Damage why) {
        return switch (why) {
            case MISSING -> StatusFault.MISSING;
            case UNFINISHED -> StatusFault.UNFINISHED;
            case STALE -> StatusFault.STALE;
            case TORN -> StatusFault.TORN;
            case NOT_UNMOUNTED -> StatusFault.NOT_UNMOUNTED;
            case UNREADABLE_DISK -> StatusFault.UNREADABLE_DISK;
        };
    }
}
