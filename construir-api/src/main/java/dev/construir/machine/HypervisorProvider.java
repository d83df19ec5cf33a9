package dev.construir.machine;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Creates a backend by its name. {@link java.util.ServiceLoader} finds implementations of this type.
 *
 * <pre>{@code
 * Path scratch = Scratch.defaultRoot();
 * for (HypervisorProvider provider : HypervisorProvider.installed()) {
 *     try (Hypervisor hypervisor = provider.create(Optional.empty(), scratch)) {
 *         System.out.println(provider.name() + ": " + hypervisor.diagnose().isUsable());
 *     }
 * }
 * }</pre>
 *
 * @since 0.1
 */
public interface HypervisorProvider {
    /**
     * Finds the backends on the class path or module path.
     *
     * @return a provider of each, in the order in which they are found
     */
    static List<HypervisorProvider> installed() {
        return ServiceLoader.load(HypervisorProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /**
     * Returns the backend's name.
     *
     * @return the same as {@link Hypervisor#name()}
     */
    String name();

    /**
     * Creates the backend.
     *
     * @param where which of several hypervisors; empty for the one of this host
     * @param scratch the directory for temporary files of machines; created if it is missing
     * @return the backend
     * @throws HypervisorException if it cannot work here
     */
    Hypervisor create(Optional<URI> where, Path scratch) throws HypervisorException;
}
