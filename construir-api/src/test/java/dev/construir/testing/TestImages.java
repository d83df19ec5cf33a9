package dev.construir.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where the images for tests are. */
public final class TestImages {
    private TestImages() {}

    /**
     * Finds an image that {@code src-test-images/setup images} built.
     *
     * @param kind {@code tiny}, {@code debian}, {@code tiny-arm64}, {@code boot-sector}, {@code disk-systemd} or {@code
     *     disk-sysvinit}
     * @return its directory
     * @throws IllegalStateException if it was not built; the message says how to build it
     */
    public static Path find(String kind) {
        Path image = cache().resolve("images").resolve(kind);
        if (!Files.exists(image.resolve("image.properties"))) {
            throw new IllegalStateException(
                    "the test image " + image + " is missing; build it by: src-test-images/setup images");
        }
        return image;
    }

    /**
     * Returns where what is built once is kept.
     *
     * @return the directory
     */
    public static Path cache() {
        return Stream.of(
                        path("CONSTRUIR_CACHE", ""),
                        path("XDG_CACHE_HOME", "construir"),
                        Path.of(System.getProperty("user.home"), ".cache", "construir"))
                .filter(p -> !p.toString().isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static Path path(String variable, String below) {
        String value = System.getenv(variable);
        return value == null || value.isEmpty() ? Path.of("") : Path.of(value).resolve(below);
    }
}
