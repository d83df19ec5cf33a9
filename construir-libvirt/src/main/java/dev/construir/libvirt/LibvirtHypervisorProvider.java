package dev.construir.libvirt;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorProvider;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Creates the libvirt backend for callers that look it up by the name {@code libvirt}.
 *
 * @since 0.1
 */
public final class LibvirtHypervisorProvider implements HypervisorProvider {
    /** Creates the provider, as {@link java.util.ServiceLoader} does. */
    public LibvirtHypervisorProvider() {}

    @Override
    public String name() {
        return LibvirtHypervisor.NAME;
    }

    /**
     * Creates the backend.
     *
     * @param where a URI as libvirt has them, or empty for {@code qemu:///session}
     * @param scratch the directory for the files of running machines; created if it is missing
     * @return the backend
     */
    @Override
    public Hypervisor create(Optional<URI> where, Path scratch) {
        return LibvirtHypervisor.builder()
                .uri(where.orElse(LibvirtHypervisor.SESSION))
                .scratch(scratch)
                .build();
    }

    /** Returns what it creates. */
    @Override
    public String toString() {
        return "provider of the hypervisor " + name();
    }
}
