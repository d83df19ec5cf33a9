package dev.construir.qemu;

import dev.construir.machine.Hypervisor;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.GuestBehaviour;
import dev.construir.testkit.HypervisorContract;
import java.io.IOException;
import java.nio.file.Path;

/** QEMU keeps what every backend keeps. */
class QemuContractIT extends HypervisorContract {
    @Override
    protected Hypervisor createHypervisor(Path scratch) {
        return QemuHypervisor.builder().scratch(scratch).build();
    }

    @Override
    protected boolean preparesMachines() {
        return true;
    }

    @Override
    protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
        BootSector.valueOf(behaviour.name()).write(file);
    }
}
