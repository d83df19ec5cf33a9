package dev.construir.examples.command;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The backends on the class path, by name.
 *
 * @param providers makes each of them
 */
record Backends(List<HypervisorProvider> providers) {
    /** The backend that is used when none is named. */
    static final String DEFAULT = "qemu";

    /** Sorts them by name. */
    Backends {
        providers = providers.stream()
                .sorted(Comparator.comparing(HypervisorProvider::name))
                .toList();
    }

    static Backends onClassPath() {
        return new Backends(HypervisorProvider.installed());
    }

    /** Creates the backend that NAME or NAME:URI names. */
    Hypervisor create(String nameAndUri, Path scratch) throws HypervisorException {
        int colon = nameAndUri.indexOf(':');
        String name = colon < 0 ? nameAndUri : nameAndUri.substring(0, colon);
        HypervisorProvider provider = providers.stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new HypervisorException("there is no hypervisor \"" + name + "\" here; use " + names()));
        return provider.create(
                colon < 0 ? Optional.empty() : Optional.of(uri(nameAndUri.substring(colon + 1))),
                scratch.resolve(name));
    }

    private String names() {
        return providers.isEmpty()
                ? "a class path with a backend, for example construir-qemu"
                : providers.stream().map(HypervisorProvider::name).collect(Collectors.joining(", "));
    }

    private static URI uri(String text) throws HypervisorException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new HypervisorException(
                    "\"" + text + "\" does not name a hypervisor: it is no URI: " + e.getReason()
                            + "; write NAME or NAME:URI, for example qemu:/usr/bin/qemu-system-x86_64 or libvirt:qemu:///session",
                    e);
        }
    }
}
