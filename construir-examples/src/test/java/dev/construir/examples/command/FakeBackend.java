package dev.construir.examples.command;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorProvider;
import dev.construir.testing.FakeGuest;
import dev.construir.testing.FakeHypervisor;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The backend {@code fake}, whose machines are threads.
 *
 * @param guest plays in each of them
 */
record FakeBackend(FakeGuest guest) implements HypervisorProvider {
    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Hypervisor create(Optional<URI> where, Path scratch) {
        return new FakeHypervisor(guest);
    }
}
