package dev.construir.command;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorProvider;
import dev.construir.testkit.FakeGuest;
import dev.construir.testkit.FakeHypervisor;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The backend {@code fake}, whose machines are threads.
 *
 * @param hypervisors makes one for every command
 */
record FakeBackend(Supplier<Hypervisor> hypervisors) implements HypervisorProvider {
    /** A guest plays in each of its machines. */
    FakeBackend(FakeGuest guest) {
        this(() -> new FakeHypervisor(guest));
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Hypervisor create(Optional<URI> where, Path scratch) {
        return hypervisors.get();
    }
}
