package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * Tests what every backend must keep, with machines that need no kernel: start, end, console, usage, and the hypervisor
 * itself. A backend's test extends this class, creates the hypervisor, and makes the disk that its guests boot.
 *
 * <pre>{@code
 * class MyContractIT extends HypervisorContract {
 *     @Override
 *     protected Hypervisor createHypervisor(Path scratch) {
 *         return new PlainQemu(scratch);
 *     }
 *
 *     @Override
 *     protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
 *         BootSector.valueOf(behaviour.name()).write(file);
 *     }
 * }
 * }</pre>
 *
 * <p>A backend that does not claim everything overrides {@link #canType}, {@link #measuresDisks}, {@link
 * #preparesMachines} or {@link #startsAtOnce}.
 *
 * @since 0.1
 */
public abstract class HypervisorContract extends StartContract {
    /** Creates the suite. */
    protected HypervisorContract() {}

    @Test
    void diagnosesItself() {
        assertThat(hypervisor.diagnose().subject()).isEqualTo(hypervisor.name());
        assertThat(hypervisor.diagnose().isUsable()).isTrue();
    }

    @Test
    void servesManyUsersAndAgainAfterTheLastHasLeft() throws Exception {
        Hypervisor.Use one = hypervisor.use();
        Hypervisor.Use other = hypervisor.use();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener())) {
            one.close();
            one.close(); // which does not count for the other
            assertThat(machine.exit()).isNotDone();
            other.close(); // nor does a machine that still runs lose what it needs
            assertThat(machine.exit()).isNotDone();
        }
        for (int again = 0; again < 2; again++) {
            try (Hypervisor.Use unused = hypervisor.use();
                    Machine machine = hypervisor.start(spec(GuestBehaviour.POWER_OFF), new RecordingListener())) {
                assertThat(exit(machine)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
            }
        }
    }

    @Test
    void closingTheHypervisorEndsItsMachines() throws Exception {
        Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), new RecordingListener());
        hypervisor.close();
        assertThat(exit(machine)).isInstanceOf(MachineExit.Killed.class);
        machine.close();
    }

    @Test
    void aClosedHypervisorStartsNothing() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.HANG);
        hypervisor.close();
        assertThatThrownBy(() -> hypervisor.start(spec, new RecordingListener()))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("closed");
    }

    @Test
    @ResourceLock(Resources.GLOBAL) // it counts what the whole process has
    void leavesNothingBehind() throws Exception {
        MachineSpec spec = spec(GuestBehaviour.POWER_OFF);
        hypervisor.start(spec, new RecordingListener()).close(); // what is made once is there from now on
        long children = children();
        long files = openFiles();
        for (int i = 0; i < 5; i++) {
            try (Machine machine = hypervisor.start(spec, new RecordingListener())) {
                exit(machine);
            }
        }
        await().atMost(10, TimeUnit.SECONDS).until(() -> openFiles() <= files && children() <= children);
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
