package dev.construir.qemu;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Creates the QEMU backend for callers that look it up by the name {@code qemu}.
 *
 * @since 0.1
 */
public final class QemuHypervisorProvider implements HypervisorProvider {
    /** Creates the provider, as {@link java.util.ServiceLoader} does. */
    public QemuHypervisorProvider() {}

    @Override
    public String name() {
        return "qemu";
    }

    /**
     * Creates the backend.
     *
     * @param where empty, or a {@code file} URI of the QEMU program to use
     * @param scratch the directory for the files of running machines; created if it is missing
     * @return the backend
     * @throws HypervisorException if {@code where} names no program of this host
     */
    @Override
    public Hypervisor create(Optional<URI> where, Path scratch) throws HypervisorException {
        QemuHypervisor.Builder builder = QemuHypervisor.builder().scratch(scratch);
        if (where.isPresent()) {
            builder.binary(program(where.get()));
        }
        return builder.build();
    }

    private static Path program(URI where) throws HypervisorException {
        try {
            return where.getScheme() == null ? Path.of(where.getPath()) : Path.of(where);
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            throw new HypervisorException(
                    "the QEMU backend runs on this host only; \"" + where + "\" is no path of a QEMU program", e);
        }
    }

    /** Returns what it creates. */
    @Override
    public String toString() {
        return "provider of the hypervisor " + name();
    }
}
