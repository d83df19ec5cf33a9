package dev.construir.libvirt;

import dev.construir.machine.Hypervisor;
import dev.construir.testing.LibvirtDaemon;
import dev.construir.testkit.BootSector;
import dev.construir.testkit.GuestBehaviour;
import dev.construir.testkit.HypervisorContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** libvirt keeps what every backend keeps. */
@Execution(ExecutionMode.CONCURRENT)
class LibvirtContractIT extends HypervisorContract {
    @TempDir
    static Path place;

    private static LibvirtDaemon daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = LibvirtDaemon.start(place);
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Override
    protected Hypervisor createHypervisor(Path scratch) {
        return LibvirtHypervisor.builder().uri(daemon.uri()).scratch(scratch).build();
    }

    @Override
    protected void createRootDisk(GuestBehaviour behaviour, Path file) throws IOException {
        BootSector.valueOf(behaviour.name()).write(file);
    }
}
