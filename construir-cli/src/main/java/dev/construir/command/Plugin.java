package dev.construir.command;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.HypervisorProvider;
import dev.construir.text.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * Backends in a jar, or in a directory of jars, with its own class loader: plugins do not see each other's classes. It
 * runs with all the rights of the command.
 *
 * @param place the jar or the directory
 * @param providers makes each of its backends
 * @param fault what is wrong with it; it has no providers then
 */
record Plugin(Path place, List<HypervisorProvider> providers, Optional<String> fault) {
    private static final String SERVICE = HypervisorProvider.class.getName();

    /** Returns where plugins are looked for unless they are named: those of the host, and the user's. */
    static List<Path> directories(Map<String, String> environment) {
        List<Path> directories = new ArrayList<>(List.of(Path.of("/usr/lib/construir/plugins")));
        String data = environment.getOrDefault("XDG_DATA_HOME", "");
        String home = environment.getOrDefault("HOME", "");
        if (!data.isEmpty()) {
            directories.add(Path.of(data, "construir/plugins"));
        } else if (!home.isEmpty()) {
            directories.add(Path.of(home, ".local/share/construir/plugins"));
        }
        return directories;
    }

    /** Returns the plugins in a directory: its jars and directories, by name. */
    static Stream<Path> in(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.isDirectory(entry) || isJar(entry)).sorted().toList().stream();
        } catch (IOException e) {
            return Stream.empty(); // most hosts have none
        }
    }

    private static boolean isJar(Path file) {
        return file.getFileName().toString().endsWith(".jar");
    }

    /** Loads a plugin. */
    static Plugin load(Path place) {
        try {
            List<HypervisorProvider> providers = providers(place);
            return providers.isEmpty()
                    ? broken(place, "it has no backend: no META-INF/services/" + SERVICE + " in it names one")
                    : new Plugin(place, providers, Optional.empty());
        } catch (IOException e) {
            return broken(place, Reason.of(e));
        } catch (ServiceConfigurationError e) {
            String text = String.valueOf(e.getMessage()).replace(SERVICE + ": ", "");
            return broken(place, e.getCause() instanceof LinkageError cause ? unfit(cause) : inside(text, e));
        } catch (LinkageError e) {
            return broken(place, unfit(e));
        } catch (RuntimeException e) {
            return broken(place, "its backend cannot be made: " + e);
        }
    }

    private static String inside(String text, ServiceConfigurationError e) {
        return "META-INF/services/" + SERVICE + " in it does not name a backend: " + text
                + (e.getCause() == null ? "" : ": " + e.getCause());
    }

    private static Plugin broken(Path place, String why) {
        return new Plugin(place, List.of(), Optional.of("the plugin " + place + " cannot be used: " + why));
    }

    private static List<HypervisorProvider> providers(Path place) throws IOException {
        ClassLoader parent = Plugin.class.getClassLoader();
        @SuppressWarnings("resource") // for as long as the process lives
        ClassLoader loader = new URLClassLoader("plugin " + place, urls(place), parent);
        List<HypervisorProvider> providers = new ArrayList<>();
        Iterator<ServiceLoader.Provider<HypervisorProvider>> found =
                ServiceLoader.load(HypervisorProvider.class, loader).stream().iterator();
        while (found.hasNext()) {
            ServiceLoader.Provider<HypervisorProvider> one = found.next();
            if (one.type().getClassLoader() == loader) { // the others are construir's
                providers.add(one.get());
            }
        }
        return providers;
    }

    private static URL[] urls(Path place) throws IOException {
        List<Path> jars = List.of(place);
        if (Files.isDirectory(place)) {
            try (Stream<Path> files = Files.list(place)) {
                jars = files.filter(Plugin::isJar).sorted().toList();
            }
            if (jars.isEmpty()) {
                throw new IOException("there is no jar in the directory");
            }
        } else if (!Files.exists(place)) {
            throw new IOException(Reason.unreadable(place));
        }
        List<URL> urls = new ArrayList<>();
        for (Path jar : jars) {
            String name = jar.equals(place) ? "it" : jar.getFileName().toString();
            try {
                new JarFile(jar.toFile()).close();
            } catch (ZipException e) {
                throw new IOException(name + " is no jar, or was cut off", e);
            } catch (IOException e) {
                throw new IOException(name + " is no jar that can be read: " + Reason.of(e), e);
            }
            urls.add(jar.toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    private static String unfit(LinkageError e) {
        String text = String.valueOf(e.getMessage());
        if (e instanceof ExceptionInInitializerError) {
            return "its backend cannot be made: " + e.getCause();
        } else if (e instanceof UnsupportedClassVersionError) {
            return "it is made for a newer Java than " + Runtime.version().feature() + ", which runs construir";
        } else if (e instanceof NoClassDefFoundError && !text.startsWith("dev/construir/")) {
            return "the class " + text.replace('/', '.')
                    + " is missing; put the jar that has it beside the plugin, and name their directory";
        }
        return "it is made for another version of construir (" + text.replace('/', '.') + "); use one for this version";
    }

    /** Returns this one, or a broken one if it has a backend whose name is taken. */
    Plugin unlessTaken(List<HypervisorProvider> own, List<Plugin> others) {
        for (HypervisorProvider provider : providers) {
            String name = provider.name();
            if (own.stream().anyMatch(other -> other.name().equals(name))) {
                return broken(place, "its backend is called \"" + name + "\", as one of construir is");
            }
            for (Plugin other : others) {
                if (other.provider(name).isPresent()) {
                    return broken(place, "its backend is called \"" + name + "\", as that of " + other.place() + " is");
                }
            }
        }
        return this;
    }

    Optional<HypervisorProvider> provider(String name) {
        return providers.stream().filter(one -> one.name().equals(name)).findFirst();
    }

    void check() throws HypervisorException {
        if (fault.isPresent()) {
            throw new HypervisorException(fault.get());
        }
    }

    /** Creates one of its backends. */
    Hypervisor create(String name, Optional<URI> where, Path scratch) throws HypervisorException {
        try {
            return provider(name).orElseThrow().create(where, scratch);
        } catch (LinkageError e) {
            throw new HypervisorException("the plugin " + place + " cannot be used: " + unfit(e), e);
        }
    }
}
