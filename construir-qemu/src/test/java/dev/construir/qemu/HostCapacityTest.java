package dev.construir.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.machine.MachineSpec;
import dev.construir.qemu.program.Accelerator;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostCapacityTest {
    private static final String MEMINFO = """
            MemTotal:       24683656 kB
            MemFree:        12910772 kB
            SwapCached:            0 kB
            SwapTotal:       1048576 kB
            """;
    private static final HostCapacity SMALL = new HostCapacity(2, Optional.of(DataSize.ofGibibytes(24)));

    private static MachineSpec machine(int cpus, DataSize memory) {
        MachineSpec spec = Specs.firmware(Path.of("root.img"));
        return new MachineSpec(
                spec.name(),
                spec.architecture(),
                cpus,
                memory,
                spec.boot(),
                spec.disks(),
                spec.network(),
                spec.hardware(),
                spec.warmStart(),
                spec.cacheMode());
    }

    @Test
    void readsWhatLinuxTells() {
        assertThat(HostCapacity.fromMeminfo(MEMINFO)).contains(DataSize.ofKibibytes(24_683_656 + 1_048_576));
        assertThat(HostCapacity.fromMeminfo("MemTotal:       24683656 kB\n"))
                .contains(DataSize.ofKibibytes(24_683_656));
        assertThat(HostCapacity.fromMeminfo("")).isEmpty();
        assertThat(HostCapacity.fromMeminfo("MemTotal: many kB\n")).isEmpty();
    }

    @Test
    void looksAtThisHost() {
        assertThat(HostCapacity.current().processors()).isPositive();
        assertThat(HostCapacity.current().memory().isPresent())
                .isEqualTo(Path.of("/proc/meminfo").toFile().exists());
    }

    @Test
    void memoryBeyondTheHostsIsAConcern() {
        assertThat(SMALL.concerns(machine(1, DataSize.ofGibibytes(24)), Accelerator.TCG))
                .isEmpty();
        assertThat(SMALL.concerns(machine(1, DataSize.ofGibibytes(200)), Accelerator.KVM))
                .containsExactly("it may have 200G of memory, and this host has 24576M, swap space included:"
                        + " it is killed if it uses more; ask for less memory");
        assertThat(new HostCapacity(2, Optional.empty())
                        .concerns(machine(1, DataSize.ofGibibytes(200)), Accelerator.TCG))
                .isEmpty();
    }

    @Test
    void manyEmulatedProcessorsAreAConcern() {
        DataSize memory = DataSize.ofGibibytes(1);
        assertThat(SMALL.concerns(machine(16, memory), Accelerator.TCG)).isEmpty();
        assertThat(SMALL.concerns(machine(255, memory), Accelerator.KVM)).isEmpty();
        assertThat(SMALL.concerns(machine(255, memory), Accelerator.TCG))
                .containsExactly(
                        "its 255 processors are emulated on 2: each makes it slower, and it may reach the boot limit;"
                                + " ask for fewer processors");
    }
}
