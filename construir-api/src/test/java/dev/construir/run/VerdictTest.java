package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.guest.JobStatus;
import dev.construir.machine.MachineExit;
import dev.construir.run.Outcome.Crash;
import dev.construir.run.Outcome.StatusFault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {
    private static final Outcome CANCELLED = new Outcome.Cancelled();

    private static Outcome judge(MachineExit exit, Optional<Outcome> killedFor, JobStatus status) {
        return Verdict.of(exit, killedFor, () -> status, () -> "last words");
    }

    private static Outcome judge(MachineExit exit, JobStatus status) {
        return judge(exit, Optional.empty(), status);
    }

    @Test
    void aPowerOffIsJudgedByTheStatus() {
        assertThat(judge(new MachineExit.PoweredOff(), new JobStatus.ExitedWith(3)))
                .isEqualTo(new Outcome.Exited(3));
        assertThat(judge(new MachineExit.Ended(), new JobStatus.EndedBySignal(9)))
                .isEqualTo(new Outcome.Signalled(9));
    }

    @ParameterizedTest
    @EnumSource
    void everyFaultOfTheStatusHasItsName(JobStatus.Damage fault) {
        assertThat(judge(new MachineExit.PoweredOff(), new JobStatus.Faulty(fault)))
                .isEqualTo(new Outcome.NoStatus(StatusFault.valueOf(fault.name())));
    }

    @Test
    void aStatusOfSuccessSavesNoOtherEnd() {
        List<MachineExit> ends = List.of(
                new MachineExit.Rebooted(),
                new MachineExit.Panicked(),
                new MachineExit.Killed("x"),
                new MachineExit.Died(1, "words"),
                new MachineExit.DiskFull(Path.of("disk")),
                new MachineExit.Lost("why"));
        for (MachineExit end : ends) {
            Outcome outcome = judge(end, new JobStatus.ExitedWith(0));
            assertThat(outcome.isSuccess()).as("%s", end).isFalse();
            assertThat(outcome.exitCode()).as("%s", end).isEqualTo(125);
        }
    }

    @Test
    void crashesCarryTheLastWords() {
        assertThat(judge(new MachineExit.Panicked(), new JobStatus.ExitedWith(0)))
                .isEqualTo(new Outcome.GuestCrashed(Crash.PANIC, "last words"));
        assertThat(judge(new MachineExit.Rebooted(), new JobStatus.ExitedWith(0)))
                .isEqualTo(new Outcome.GuestCrashed(Crash.REBOOT, "last words"));
    }

    @Test
    void aKilledMachineIsJudgedByWhyItWasKilled() {
        assertThat(judge(new MachineExit.Killed("x"), Optional.of(CANCELLED), new JobStatus.ExitedWith(0)))
                .isEqualTo(CANCELLED);
    }

    @Test
    void aMachineThatEndedBeforeTheKillCameIsJudgedByItsEnd() {
        assertThat(judge(new MachineExit.PoweredOff(), Optional.of(CANCELLED), new JobStatus.ExitedWith(7)))
                .isEqualTo(new Outcome.Exited(7));
    }
}
