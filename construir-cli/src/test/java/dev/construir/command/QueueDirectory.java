package dev.construir.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * A queue as those see it who bring jobs.
 *
 * @param top its directory
 */
record QueueDirectory(Path top) {
    /** Makes a job beside the queue. */
    Path make(String name, String shell) throws IOException {
        Path job = top.resolve(name + ".part");
        Path script = Files.createDirectories(job.resolve("bin")).resolve("construir");
        Files.writeString(script, "#!/bin/sh\n" + shell + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return job;
    }

    /** Brings something into the queue, whole. */
    void put(Path what, String name) throws IOException {
        Files.move(what, Files.createDirectories(top.resolve("queue")).resolve(name));
    }

    /** Makes a job and brings it. */
    void put(String name, String shell) throws IOException {
        put(make(name, shell), name);
    }

    /**
     * Returns the names in one of the directories, sorted, without those that begin with a dot: they are the queue's
     * own.
     */
    List<String> names(String folder) throws IOException {
        Path directory = top.resolve(folder);
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Returns a file of a result as text. */
    String read(String folder, String name) throws IOException {
        return Files.readString(top.resolve(folder).resolve(name));
    }
}
