package dev.construir.qemu.program;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers across processes what was found out by trying, so that no later process pays for it again. A fact is believed only while
 * the key it was stored with is the same; nothing breaks when one is lost. Safe for use by many threads and processes.
 */
public final class ProbeCache {
    // Part of every key. Raised whenever what a fact holds, or how one is found out, changes: what an earlier
    // version stored is not believed then.
    private static final int SCHEMA = 2;
    private static final Logger LOG = LoggerFactory.getLogger(ProbeCache.class);

    private final Path directory;

    /**
     * Creates a store.
     *
     * @param directory where the facts are kept; created when the first one is
     */
    public ProbeCache(Path directory) {
        this.directory = directory;
    }

    /**
     * Recalls a fact.
     *
     * @param name the fact's name: letters, digits and {@code -}
     * @param key what it depends on
     * @param reader makes of a fact what it says; may fail in any way if it says nothing
     * @param <T> what it says
     * @return what the fact says, or empty if none is known for that key
     */
    public <T> Optional<T> recall(String name, String key, Function<JsonObject, T> reader) {
        Path file = directory.resolve(name + ".json");
        try {
            if (Files.isReadable(file)
                    && JsonParser.parseString(Files.readString(file)) instanceof JsonObject stored
                    && stored.get("key") instanceof JsonPrimitive storedKey
                    && storedKey.getAsString().equals(versioned(key))
                    && stored.get("fact") instanceof JsonObject fact) {
                return Optional.of(reader.apply(fact));
            }
        } catch (IOException | RuntimeException e) { // what is malformed shows in many ways, and none of them matters
            LOG.debug("{} tells nothing: {}", file, e.toString());
        }
        return Optional.empty();
    }

    /**
     * Remembers a fact in place of an earlier one of that name.
     *
     * @param name the fact's name: letters, digits and {@code -}
     * @param key what it depends on
     * @param fact the fact
     */
    public void remember(String name, String key, JsonObject fact) {
        JsonObject stored = new JsonObject();
        stored.addProperty("key", versioned(key));
        stored.add("fact", fact);
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path part = Files.createTempFile(directory, name, ".part");
            try {
                Files.writeString(part, stored.toString());
                Files.move(part, directory.resolve(name + ".json"), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.debug("could not remember {}: {}", name, e.toString());
        }
    }

    /**
     * Forgets a fact that turned out to be none.
     *
     * @param name the fact's name
     */
    public void forget(String name) {
        try {
            Files.deleteIfExists(directory.resolve(name + ".json"));
        } catch (IOException e) {
            LOG.debug("could not forget {}: {}", name, e.toString());
        }
    }

    private static String versioned(String key) {
        return "schema " + SCHEMA + " " + key;
    }
}
