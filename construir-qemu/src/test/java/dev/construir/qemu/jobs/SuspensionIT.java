package dev.construir.qemu.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.run.Runner;
import dev.construir.testing.HostCommand;
import dev.construir.testing.Suspension;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QEMU is stopped in the midst of a job, and goes on. */
@Timeout(300)
class SuspensionIT {
    @TempDir
    Path scratch;

    @Test
    void theClockIsRightWithinASecondOfGoingOn() throws Exception {
        try (Runner runner = RealMachines.runner("debian", scratch)) {
            Suspension.check(runner, () -> signal("-STOP"), () -> signal("-CONT"));
        }
        assertThat(RealMachines.machines()).isEmpty();
    }

    private static void signal(String signal) throws Exception {
        List<ProcessHandle> machines = RealMachines.machines();
        assertThat(machines).hasSize(1);
        HostCommand.run("/bin/kill", signal, Long.toString(machines.get(0).pid()));
    }
}
