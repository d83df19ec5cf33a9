package dev.construir.examples.backend;

import dev.construir.machine.Hypervisor;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.GuestBehaviour;
import dev.construir.testkit.HypervisorContract;
import java.io.IOException;
import java.nio.file.Path;

/** The backend of docs/writing-a-backend.md keeps what every backend keeps, but for what it does not claim. */
class PlainQemuContractIT extends HypervisorContract {
    @Override
    protected Hypervisor createHypervisor(Path scratch) {
        return new PlainQemu(scratch);
    }

    @Override
    protected boolean startsAtOnce() {
        return true; // a few milliseconds, and nothing that waits
    }

    @Override
    protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
        BootSector.valueOf(behaviour.name()).write(file);
    }

    @Override
    protected boolean measuresDisks() {
        return false;
    }
}
