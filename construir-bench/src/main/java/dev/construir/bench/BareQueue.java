package dev.construir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Does to the directories of a queue what serving it comes down to, for jobs that leave no disk: the same renames and
 * the same waits for the disk, and nothing else.
 *
 * @param top the queue's directory
 */
record BareQueue(Path top) {
    private static final byte[] RECORD = ("{" + "x".repeat(400) + "}").getBytes(StandardCharsets.UTF_8);

    /** Takes every job in turn, and makes it done. */
    void serve() throws IOException {
        Path done = top.resolve("done");
        Path claim = Files.createDirectories(top.resolve("running/bare"));
        for (Path job : jobs()) {
            String name = String.valueOf(job.getFileName());
            rename(job, claim.resolve(name));
            write(claim, ".log", new byte[0]);
            write(claim, ".name", name.getBytes(StandardCharsets.UTF_8));
            write(claim, ".json", RECORD);
            sync(claim);
            String base = name.substring(0, name.lastIndexOf('.'));
            Files.createLink(done.resolve(base + ".log"), claim.resolve(".log"));
            rename(claim.resolve(name), done.resolve(name));
            sync(done);
            rename(claim.resolve(".json"), done.resolve(base + ".json"));
            sync(done);
            Files.delete(claim.resolve(".log"));
            Files.delete(claim.resolve(".name"));
        }
    }

    private List<Path> jobs() throws IOException {
        List<Path> jobs = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(top.resolve("queue"))) {
            files.forEach(jobs::add);
        }
        return jobs;
    }

    private static void write(Path directory, String name, byte[] content) throws IOException {
        Path partial = directory.resolve(name + ".part");
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content));
            channel.force(true);
        }
        rename(partial, directory.resolve(name));
    }

    private static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
