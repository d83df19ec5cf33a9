package dev.construir.qemu.warm;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the files of an image were when it was made, by which one is known that was damaged since.
 *
 * <p>An image is believed only while the host has not been started anew: its files are never forced to the disk, as it
 * is cheaper to make another one than to wait for that. So the only danger is a program that writes to them, and that
 * changes their stamps.
 *
 * @param boot which start of the host it was made after
 * @param files the stamp of each file, by its name
 */
record SnapshotManifest(String boot, Map<String, FileIdentity> files) {
    private static final String NAME = "manifest.json";
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    SnapshotManifest {
        files = Map.copyOf(files);
    }

    /** Describes the files that are in a directory now. */
    static SnapshotManifest of(Path directory) throws IOException {
        Map<String, FileIdentity> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path file : entries) {
                files.put(file.getFileName().toString(), FileIdentity.of(file));
            }
        }
        return new SnapshotManifest(bootOfHost(), files);
    }

    /** Reads what {@link #write} wrote. */
    static SnapshotManifest read(Path directory) throws IOException {
        try {
            JsonObject text = JsonParser.parseString(Files.readString(directory.resolve(NAME)))
                    .getAsJsonObject();
            Map<String, FileIdentity> files = new TreeMap<>();
            for (Map.Entry<String, JsonElement> file :
                    text.getAsJsonObject("files").entrySet()) {
                JsonObject stamp = file.getValue().getAsJsonObject();
                files.put(
                        file.getKey(),
                        new FileIdentity(
                                stamp.get("size").getAsLong(),
                                stamp.get("identity").getAsString()));
            }
            return new SnapshotManifest(text.get("boot").getAsString(), files);
        } catch (RuntimeException e) { // what is malformed shows in many ways
            throw new IOException(NAME + " is none", e);
        }
    }

    /** Writes it to the directory of the files, with a readable text of what they are an image of. */
    void write(Path directory, SnapshotKey key) throws IOException {
        JsonObject stamps = new JsonObject();
        files.forEach((name, stamp) -> {
            JsonObject file = new JsonObject();
            file.addProperty("size", stamp.size());
            file.addProperty("identity", stamp.identity());
            stamps.add(name, file);
        });
        JsonArray of = new JsonArray();
        key.parts().forEach(of::add);
        JsonObject text = new JsonObject();
        text.addProperty("boot", boot);
        text.add("files", stamps);
        text.add("of", of);
        Path file = Files.createFile(directory.resolve(NAME), SnapshotLock.PRIVATE);
        Files.writeString(file, text.toString());
    }

    /** Compares with the files that are there now; returns what is wrong with them, if anything. */
    Optional<String> fault(Path directory) throws IOException {
        if (!boot.equals(bootOfHost())) {
            return Optional.of("the host was started anew since");
        }
        for (Map.Entry<String, FileIdentity> file : files.entrySet()) {
            try {
                if (!FileIdentity.of(directory.resolve(file.getKey())).equals(file.getValue())) {
                    return Optional.of(file.getKey() + " was written to since");
                }
            } catch (NoSuchFileException e) {
                return Optional.of(file.getKey() + " is missing");
            }
        }
        return Optional.empty();
    }

    /** How much room the files take at most: their holes count as well. */
    long size() {
        return files.values().stream().mapToLong(FileIdentity::size).sum();
    }

    private static String bootOfHost() throws IOException {
        return Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "unknown";
    }
}
