package dev.construir.libvirt;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was found out by trying, so that no later process pays for it again. It is believed only while the key it was stored with is the
 * same; nothing breaks when it is lost.
 *
 * @param directory where it is kept
 */
record TrialCache(Path directory) {
    private static final Logger LOG = LoggerFactory.getLogger(TrialCache.class);
    private static final String SCHEMA = "1 "; // raised when the trial, or the judgement of it, changes

    Optional<TrialResult> recall(String name, String key) {
        Properties stored = new Properties();
        try (Reader reader = Files.newBufferedReader(file(name))) {
            stored.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("{} tells nothing: {}", file(name), e.toString());
            return Optional.empty();
        }
        return (SCHEMA + key).equals(stored.getProperty("key"))
                ? Optional.of(new TrialResult(
                        "true".equals(stored.getProperty("works")),
                        stored.getProperty("reason", ""),
                        stored.getProperty("remedy", "")))
                : Optional.empty();
    }

    void remember(String name, String key, TrialResult verdict) {
        Properties facts = new Properties();
        facts.setProperty("key", SCHEMA + key);
        facts.setProperty("works", Boolean.toString(verdict.works()));
        facts.setProperty("reason", verdict.reason());
        facts.setProperty("remedy", verdict.remedy());
        try {
            Path part = Files.createTempFile(directory, name, ".part");
            try {
                try (Writer writer = Files.newBufferedWriter(part)) {
                    facts.store(writer, null);
                }
                Files.move(part, file(name), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.debug("could not remember {}: {}", name, e.toString());
        }
    }

    void forget(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            LOG.debug("could not forget {}: {}", name, e.toString());
        }
    }

    private Path file(String name) {
        return directory.resolve(name + ".properties");
    }
}
