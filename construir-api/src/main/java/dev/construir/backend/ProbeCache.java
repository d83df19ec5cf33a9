package dev.construir.backend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the results of probes across processes, so that no later process has to repeat them. A result is valid only
 * for the key it was stored with. Losing one costs time and nothing else. Safe for use by many threads and processes.
 *
 * @since 0.1
 */
public final class ProbeCache {
    private static final Logger LOG = LoggerFactory.getLogger(ProbeCache.class);
    // Part of every key. Raise it when the values of a result or the way to find them change.
    private static final int SCHEMA = 3;
    private static final String KEY = "key";
    private static final String VALUE = "value.";

    private final Path directory;

    /** The stored values of a result. */
    public static final class Values {
        private final Properties stored;

        private Values(Properties stored) {
            this.stored = stored;
        }

        /**
         * Returns a text.
         *
         * @param name the value's name
         * @return the text
         * @throws IllegalArgumentException if there is no such value
         */
        public String text(String name) {
            String text = stored.getProperty(VALUE + name);
            if (text == null) {
                throw new IllegalArgumentException("there is no value " + name);
            }
            return text;
        }

        /**
         * Returns a truth value.
         *
         * @param name the value's name
         * @return the truth value
         * @throws IllegalArgumentException if there is no such value, or it is neither {@code true} nor {@code false}
         */
        public boolean flag(String name) {
            return switch (text(name)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("the value " + name + " is " + text(name));
            };
        }

        /** Returns the values. */
        @Override
        public String toString() {
            return stored.toString();
        }
    }

    /**
     * Creates a cache.
     *
     * @param directory where the results are kept; created with the first result if it is missing
     */
    public ProbeCache(Path directory) {
        this.directory = directory;
    }

    /**
     * Recalls a result.
     *
     * @param name the result's name: letters, digits, {@code _} and {@code -}
     * @param key what the result depends on
     * @param reader makes the result of its values; may throw any runtime exception if they are not what it needs
     * @param <T> the result's type
     * @return the result, or empty if none is known for that key
     */
    public <T> Optional<T> recall(String name, String key, Function<Values, T> reader) {
        Path file = file(name);
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        Properties stored = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            stored.load(in);
            if (versioned(key).equals(stored.getProperty(KEY))) {
                return Optional.of(reader.apply(new Values(stored)));
            }
        } catch (IOException | RuntimeException e) { // malformed files fail in many ways, and all mean the same
            LOG.debug("{} is not valid: {}", file, e.toString());
        }
        return Optional.empty();
    }

    /**
     * Remembers a result, in place of an earlier one of that name.
     *
     * @param name the result's name: letters, digits, {@code _} and {@code -}
     * @param key what the result depends on
     * @param values the result's values by their names
     */
    public void remember(String name, String key, Map<String, String> values) {
        Properties stored = new Properties();
        stored.setProperty(KEY, versioned(key));
        values.forEach((valueName, value) -> stored.setProperty(VALUE + valueName, value));
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path part = Files.createTempFile(directory, name, ".part");
            try {
                try (OutputStream out = Files.newOutputStream(part)) {
                    stored.store(out, null);
                }
                Files.move(part, file(name), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.debug("could not remember {}: {}", name, e.toString());
        }
    }

    /**
     * Forgets a result that turned out to be wrong.
     *
     * @param name the result's name
     */
    public void forget(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            LOG.debug("could not forget {}: {}", name, e.toString());
        }
    }

    private Path file(String name) {
        return directory.resolve(name + ".properties");
    }

    private static String versioned(String key) {
        return "schema " + SCHEMA + " " + key;
    }

    /** Returns where the results are kept. */
    @Override
    public String toString() {
        return "probe cache in " + directory;
    }
}
