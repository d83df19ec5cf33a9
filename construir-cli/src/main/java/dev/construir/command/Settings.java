package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.text.ControlCharacters;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Values of options that the environment and the configuration file give: an option on the command line comes before
 * its variable, and that before the file. Options that name what a single command makes or reads cannot be set.
 */
final class Settings {
    /** The options that can be set, by their long names without the dashes; all commands that have one obey it. */
    static final Set<String> NAMES = Set.of(
            "accelerator",
            "allow-network",
            "arch",
            "attempts",
            "boot-timeout",
            "budget",
            "cpus",
            "disk",
            "grace",
            "hypervisor",
            "idle-timeout",
            "inodes",
            "jobs",
            "max-cpus",
            "max-disk",
            "max-memory",
            "max-timeout",
            "memory",
            "network",
            "network-subnet",
            "quiet",
            "reserve",
            "root",
            "scratch",
            "size",
            "take-over-after",
            "timeout",
            "verbose",
            "warm");

    /** Names the configuration file, which must exist then. */
    static final String FILE = "CONSTRUIR_CONFIG";

    private static final int LARGEST = 64 << 10;

    private final Map<String, Setting> all;

    /**
     * A value.
     *
     * @param value the value
     * @param origin where it was found, for messages
     */
    record Setting(String value, String origin) {}

    private Settings(Map<String, Setting> all) {
        this.all = all;
    }

    /** Returns no settings. */
    static Settings none() {
        return new Settings(Map.of());
    }

    /**
     * Reads the variables and the file.
     *
     * @param environment the variables of the process
     * @throws ConstruirException if the file cannot be read or understood; the message names the line
     */
    static Settings of(Map<String, String> environment) throws ConstruirException {
        Map<String, Setting> all = new TreeMap<>();
        Optional<Path> file = file(environment);
        boolean named = !environment.getOrDefault(FILE, "").isEmpty();
        if (file.isPresent() && (named || Files.exists(file.get()))) {
            read(file.get(), all);
        }
        for (String name : NAMES) {
            String value = environment.getOrDefault(variable(name), "");
            if (!value.isEmpty()) {
                all.put(name, new Setting(value, variable(name)));
            }
        }
        return new Settings(all);
    }

    /** Returns where the file is, which need not exist; empty if there is no place for one. */
    static Optional<Path> file(Map<String, String> environment) {
        String named = environment.getOrDefault(FILE, "");
        if (!named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        String general = environment.getOrDefault("XDG_CONFIG_HOME", "");
        String home = environment.getOrDefault("HOME", "");
        if (general.isEmpty() && home.isEmpty()) {
            return Optional.empty();
        }
        Path base = general.isEmpty() ? Path.of(home, ".config") : Path.of(general);
        return Optional.of(base.resolve("construir").resolve("config.properties"));
    }

    /** Returns the variable of an option: {@code CONSTRUIR_BOOT_TIMEOUT} for {@code boot-timeout}. */
    static String variable(String name) {
        return "CONSTRUIR_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** Returns what an option is set to. */
    Optional<Setting> of(String name) {
        return Optional.ofNullable(all.get(name));
    }

    private static void read(Path file, Map<String, Setting> all) throws ConstruirException {
        Map<String, Integer> lines = new LinkedHashMap<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String place = file + ", line " + number;
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw new ConstruirException(place + ": no setting; write NAME = VALUE, or begin a comment with #");
            }
            String name = text.substring(0, equals).strip();
            if (!NAMES.contains(name)) {
                String meant = Spelling.nearest(name, NAMES)
                        .map(nearest -> "; did you mean " + nearest + "?")
                        .orElse("; these can be set: " + String.join(", ", new java.util.TreeSet<>(NAMES)));
                throw new ConstruirException(
                        place + ": there is no setting \"" + ControlCharacters.escape(name) + "\"" + meant);
            }
            Integer before = lines.put(name, number);
            if (before != null) {
                throw new ConstruirException(place + ": " + name + " is set in line " + before + " already");
            }
            all.put(name, new Setting(text.substring(equals + 1).strip(), place));
        }
    }

    private static List<String> lines(Path file) throws ConstruirException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new ConstruirException(file + " is larger than 64K and no configuration file");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .lines()
                    .toList();
        } catch (CharacterCodingException e) {
            throw new ConstruirException("the configuration file " + file + " is no text in UTF-8", e);
        } catch (IOException e) {
            throw new ConstruirException(
                    "the configuration file cannot be read: " + Reason.of(e) + "; see " + FILE + " and its mode", e);
        }
    }
}
