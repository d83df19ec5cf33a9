package dev.construir.terminal;

import dev.construir.machine.Architecture;
import dev.construir.scratch.Scratch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where things are on this host.
 *
 * @param home the checkout with {@code src-test-images}, if the launcher gave it
 * @param cache where built images are kept
 * @param scratch where what lives no longer than a run is kept
 * @param environment the variables of the process
 */
public record Environment(Optional<Path> home, Path cache, Path scratch, Map<String, String> environment) {
    private static final Path MEMORY = Path.of("/dev/shm");

    public Environment {
        environment = Map.copyOf(environment);
    }

    /** Surroundings without variables. */
    public Environment(Optional<Path> home, Path cache, Path scratch) {
        this(home, cache, scratch, Map.of());
    }

    /** Returns what the environment says; the image builder goes by the same variables. */
    public static Environment of(Map<String, String> environment, Optional<Path> home) {
        String cache = environment.getOrDefault("CONSTRUIR_CACHE", "");
        String general = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = general.isEmpty()
                ? Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "")), ".cache")
                : Path.of(general);
        return new Environment(
                home, cache.isEmpty() ? base.resolve("construir") : Path.of(cache), Scratch.defaultRoot(), environment);
    }

    /**
     * Returns where files are in memory, so that no work waits for a disk; where there is no such place,
     * {@link #scratch}.
     */
    public Path memory() {
        return Files.isDirectory(MEMORY) ? MEMORY.resolve(scratch.getFileName()) : scratch;
    }

    /** Returns where the Debian image for an architecture is found. */
    public Path debian(Architecture architecture) {
        return image(debianKind(architecture));
    }

    /** Returns what {@code src-test-images} calls the Debian image for an architecture. */
    public static String debianKind(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> "debian";
            case AARCH64 -> "debian-arm64";
        };
    }

    /** Returns what {@code src-test-images} calls the Debian image without the kernel's modules. */
    public static String smallDebianKind(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> "debian-small";
            case AARCH64 -> "debian-small-arm64";
        };
    }

    /** Returns where a root image that {@code src-test-images} built is found. */
    public Path image(String kind) {
        return cache.resolve("images").resolve(kind);
    }
}
