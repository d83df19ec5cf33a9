package org.example.backend;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the hypervisor known by its name: {@code construir run --plugin backend-1.jar --hypervisor echo JOB}. */
public final class EchoProvider implements HypervisorProvider {
    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Hypervisor create(Optional<URI> where, Path scratch) throws HypervisorException {
        if (where.isPresent()) {
            throw new HypervisorException("echo is everywhere the same: leave out \"" + where.get() + "\"");
        }
        return new EchoHypervisor();
    }
}
