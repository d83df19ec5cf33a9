package dev.construir.store;

import dev.construir.backend.InterruptDetection;
import dev.construir.machine.Preparation;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the files of an artifact were when it was made, by which one is known that was damaged since.
 *
 * @param boot which start of the host this was last compared in
 * @param files what is known of each file, by its name
 * @param of what the artifact is of, as readable text
 */
record Manifest(String boot, Map<String, Content> files, List<String> of) {
    private static final Logger LOG = LoggerFactory.getLogger(Manifest.class);
    private static final String NAME = "manifest.properties";
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String FILE = "file.";
    private static final String SIZE = ".size";

    Manifest {
        files = Map.copyOf(files);
        of = List.copyOf(of);
    }

    /**
     * A file.
     *
     * @param identity its stamp
     * @param sha256 its digest, if it is to outlive the host's next start
     */
    record Content(FileIdentity identity, Optional<String> sha256) {
        static Content of(Path file, Durability durability, Consumer<? super Preparation> progress) throws IOException {
            FileIdentity before = FileIdentity.of(file);
            if (durability == Durability.UNTIL_REBOOT) {
                return new Content(before, Optional.empty());
            }
            Content content = new Content(before, Optional.of(ContentDigest.of(file, progress)));
            if (!FileIdentity.of(file).equals(before)) {
                throw new IOException(file + " was changed while it was read");
            }
            return content;
        }
    }

    /** Describes the files that are in a directory now. */
    static Manifest of(Path directory, List<String> of, Durability durability, Consumer<? super Preparation> progress)
            throws IOException {
        Map<String, Content> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path file : entries) {
                files.put(file.getFileName().toString(), Content.of(file, durability, progress));
            }
        }
        return new Manifest(bootOfHost(), files, of);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws NoSuchFileException if there is none
     */
    static Manifest read(Path directory) throws IOException {
        Properties text = new Properties();
        try (Reader in = Files.newBufferedReader(directory.resolve(NAME))) {
            text.load(in);
            Map<String, Content> files = new TreeMap<>();
            for (String key : text.stringPropertyNames()) {
                if (key.startsWith(FILE) && key.endsWith(SIZE)) {
                    String name = key.substring(FILE.length(), key.length() - SIZE.length());
                    FileIdentity identity =
                            new FileIdentity(Long.parseLong(get(text, key)), get(text, FILE + name + ".identity"));
                    files.put(
                            name,
                            new Content(identity, Optional.ofNullable(text.getProperty(FILE + name + ".sha256"))));
                }
            }
            if (files.size() != Integer.parseInt(get(text, "files"))) {
                throw new IOException(NAME + " is cut off");
            }
            List<String> of = new ArrayList<>();
            for (int i = Integer.parseInt(get(text, "parts")); i > 0; i--) {
                of.add(0, get(text, "of." + i));
            }
            return new Manifest(get(text, "boot"), files, of);
        } catch (IllegalArgumentException e) {
            throw new IOException(NAME + " is none", e);
        }
    }

    private static String get(Properties text, String key) {
        return Optional.ofNullable(text.getProperty(key))
                .orElseThrow(() -> new IllegalArgumentException("there is no " + key));
    }

    /** Writes it to the directory of the files, in place of one that is there. */
    void write(Path directory) throws IOException {
        Properties text = new Properties();
        text.setProperty("boot", boot);
        text.setProperty("files", String.valueOf(files.size()));
        files.forEach((name, content) -> {
            text.setProperty(
                    FILE + name + SIZE, String.valueOf(content.identity().size()));
            text.setProperty(FILE + name + ".identity", content.identity().identity());
            content.sha256().ifPresent(digest -> text.setProperty(FILE + name + ".sha256", digest));
        });
        text.setProperty("parts", String.valueOf(of.size()));
        for (int i = 0; i < of.size(); i++) {
            text.setProperty("of." + (i + 1), of.get(i));
        }
        Path part = Files.createTempFile(directory, NAME, ".part", StoreLock.PRIVATE);
        try {
            try (Writer out = Files.newBufferedWriter(part)) {
                text.store(out, null);
            }
            if (isDurable()) {
                force(part);
            }
            Files.move(part, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private boolean isDurable() {
        return files.values().stream().anyMatch(content -> content.sha256().isPresent());
    }

    /** Makes sure that a file, or a directory's entries, outlive a loss of power. */
    static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Compares with the files that are there now. What is durable, and has another stamp or is of an earlier start of
     * the host, is read, and its new stamps are written down.
     *
     * @return what is wrong with them, if anything
     */
    Optional<String> fault(Path directory, Consumer<? super Preparation> progress)
            throws IOException, InterruptedException {
        boolean sameBoot = boot.equals(bootOfHost());
        boolean anew = false;
        Map<String, Content> now = new TreeMap<>();
        for (Map.Entry<String, Content> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Content then = file.getValue();
            try {
                if (sameBoot && FileIdentity.of(path).equals(then.identity())) {
                    now.put(file.getKey(), then);
                    continue;
                }
                if (then.sha256().isEmpty()) {
                    return Optional.of(
                            sameBoot ? file.getKey() + " was written to since" : "the host was started anew since");
                }
                Content read = Content.of(path, Durability.DURABLE, progress);
                if (!read.sha256().equals(then.sha256())) {
                    return Optional.of(file.getKey() + " is not what was written");
                }
                now.put(file.getKey(), read);
                anew = true;
            } catch (NoSuchFileException e) {
                return Optional.of(file.getKey() + " is missing");
            }
        }
        if (anew) {
            try {
                new Manifest(bootOfHost(), now, of).write(directory);
            } catch (IOException e) {
                InterruptDetection.check(e);
                LOG.debug("{} is compared again next time: {}", directory, Reason.of(e));
            }
        }
        return Optional.empty();
    }

    /** Whether the artifact can be of no use any more, as far as is known without reading it. */
    boolean isStale(Path directory) throws IOException {
        boolean sameBoot = boot.equals(bootOfHost());
        for (Map.Entry<String, Content> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            if (!Files.exists(path)) {
                return true;
            }
            boolean same =
                    sameBoot && FileIdentity.of(path).equals(file.getValue().identity());
            if (!same && file.getValue().sha256().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** How much room the files take at most: their holes count as well. */
    long size() {
        return files.values().stream()
                .mapToLong(content -> content.identity().size())
                .sum();
    }

    private static String bootOfHost() throws IOException {
        return Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "unknown";
    }
}
