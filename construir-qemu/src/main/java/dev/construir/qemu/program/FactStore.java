package dev.construir.qemu.program;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers across processes what was found out by trying, so that no later process pays for it again. A fact is believed only while
 * the key it was stored with is the same; nothing breaks when one is lost. Safe for use by many threads and processes.
 */
public final class FactStore {
    private static final Logger LOG = LoggerFactory.getLogger(FactStore.class);

    private final Path directory;

    /**
     * Creates a store.
     *
     * @param directory where the facts are kept; created when the first one is
     */
    public FactStore(Path directory) {
        this.directory = directory;
    }

    /**
     * Recalls a fact.
     *
     * @param name the fact's name: letters, digits and {@code -}
     * @param key what it depends on
     * @return the fact, or empty if it is not known for that key
     */
    public Optional<JsonObject> recall(String name, String key) {
        Path file = directory.resolve(name + ".json");
        try {
            if (Files.isReadable(file)
                    && JsonParser.parseString(Files.readString(file)) instanceof JsonObject stored
                    && stored.has("key")
                    && stored.get("key").getAsString().equals(key)) {
                return Optional.ofNullable(stored.getAsJsonObject("fact"));
            }
        } catch (IOException | JsonParseException | ClassCastException | IllegalStateException e) {
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
        stored.addProperty("key", key);
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
}
