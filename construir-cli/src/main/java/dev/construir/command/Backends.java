package dev.construir.command;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The backends there are, by name: construir's on the class path, and plugins. They are looked for when they are
 * needed.
 */
public final class Backends {
    /** The backend that is used when none is named. */
    public static final String DEFAULT = "qemu";

    private final Supplier<List<HypervisorProvider>> classPath;
    private final List<Path> directories;
    private @Nullable List<HypervisorProvider> own;

    /** Creates some without plugins. */
    public Backends(List<HypervisorProvider> providers) {
        this(() -> providers, List.of());
    }

    private Backends(Supplier<List<HypervisorProvider>> classPath, List<Path> directories) {
        this.classPath = classPath;
        this.directories = directories;
    }

    /**
     * Returns those on the class path, and the plugins in some directories.
     *
     * @param directories each entry in them is a plugin; they need not exist
     */
    public static Backends onClassPath(List<Path> directories) {
        return new Backends(HypervisorProvider::installed, directories);
    }

    /** Returns those on the class path, by name. */
    List<HypervisorProvider> own() {
        List<HypervisorProvider> found = own;
        if (found == null) {
            found = classPath.get().stream()
                    .sorted(Comparator.comparing(HypervisorProvider::name))
                    .toList();
            own = found;
        }
        return found;
    }

    /** Returns the plugins in the directories and those named, with what is wrong with each. */
    List<Plugin> plugins(List<Path> named) {
        List<Plugin> all = new ArrayList<>();
        Stream.concat(named.stream(), directories.stream().flatMap(Plugin::in))
                .map(Backends::whole)
                .distinct()
                .forEach(path -> all.add(Plugin.load(path).unlessTaken(own(), all)));
        return all;
    }

    /** Returns where plugins are looked for. */
    List<Path> directories() {
        return directories;
    }

    /**
     * Creates the backend that NAME or NAME:URI names.
     *
     * @param named the plugins that it may also be in, none of which may be broken
     */
    Hypervisor create(String nameAndUri, List<Path> named, Path scratch) throws HypervisorException {
        int colon = nameAndUri.indexOf(':');
        String name = colon < 0 ? nameAndUri : nameAndUri.substring(0, colon);
        Optional<URI> where = colon < 0 ? Optional.empty() : Optional.of(uri(nameAndUri.substring(colon + 1)));
        Optional<HypervisorProvider> here =
                own().stream().filter(p -> p.name().equals(name)).findFirst();
        if (here.isPresent() && named.isEmpty()) {
            return here.get().create(where, scratch.resolve(name));
        }
        List<Plugin> plugins = plugins(named);
        for (Plugin plugin : plugins.subList(
                0, (int) named.stream().map(Backends::whole).distinct().count())) {
            plugin.check();
        }
        if (here.isPresent()) {
            return here.get().create(where, scratch.resolve(name));
        }
        Plugin plugin = plugins.stream()
                .filter(one -> one.provider(name).isPresent())
                .findFirst()
                .orElseThrow(() -> new HypervisorException(missing(name, plugins)));
        return plugin.create(name, where, scratch.resolve(name));
    }

    private String missing(String name, List<Plugin> plugins) {
        String names = Stream.concat(own().stream(), plugins.stream().flatMap(plugin -> plugin.providers().stream()))
                .map(HypervisorProvider::name)
                .collect(Collectors.joining(", "));
        String broken = plugins.stream()
                .flatMap(plugin -> plugin.fault().stream())
                .map(fault -> "; " + fault)
                .collect(Collectors.joining());
        return "there is no hypervisor \"" + name + "\" here; use "
                + (names.isEmpty() ? "a class path with a backend, for example construir-qemu" : names)
                + ", or name the jar that has it with --plugin" + broken;
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static URI uri(String text) throws HypervisorException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new HypervisorException(
                    "\"" + text + "\" does not name a hypervisor: it is no URI: " + e.getReason()
                            + "; write NAME or NAME:URI, for example qemu:/usr/bin/qemu-system-x86_64 or "
                            + "libvirt:qemu:///session",
                    e);
        }
    }
}
