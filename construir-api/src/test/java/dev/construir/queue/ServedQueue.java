package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.compress.CompressOptions;
import dev.construir.disk.compress.CompressedImage;
import dev.construir.disk.write.DiskOptions;
import dev.construir.disk.write.JobDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A queue that processes serve ({@link QueueServer}), and jobs for it. */
final class ServedQueue {
    private final Path directory;
    private final Path top;
    private final Path scratch;
    private final byte[] image;
    private final byte[] compressed;
    private int dropped;

    ServedQueue(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        top = directory.resolve("top");
        scratch = Files.createDirectories(directory.resolve("scratch"));
        Files.write(scratch.resolve("root.img"), new byte[1]);
        Path made = directory.resolve("job.img");
        JobDisk.create(made, DiskOptions.of(DataSize.ofKibibytes(256)), disk -> {
            byte[] script = "#!/bin/sh\n".getBytes(StandardCharsets.UTF_8);
            disk.file(
                    "bin/construir",
                    Attributes.ofRoot(0755, Instant.EPOCH),
                    script.length,
                    new ByteArrayInputStream(script));
        });
        image = Files.readAllBytes(made);
        Path packed = directory.resolve("job.img.xz");
        CompressedImage.write(made, packed, CompressOptions.DEFAULT);
        compressed = Files.readAllBytes(packed);
        Files.createFile(log());
    }

    Path top() {
        return top;
    }

    Path scratch() {
        return scratch;
    }

    byte[] image() {
        return image.clone();
    }

    byte[] compressed() {
        return compressed.clone();
    }

    int dropped() {
        return dropped;
    }

    /** Adds a job: images, compressed images and directories in turn. */
    void drop() throws IOException {
        Path part = Files.createDirectories(top.resolve("queue")).resolve(".new");
        String extension = new String[] {".img", ".img.xz", ""}[dropped % 3];
        if (extension.isEmpty()) {
            Path script = Files.createDirectories(part.resolve("bin")).resolve("construir");
            Files.writeString(script, "#!/bin/sh\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();
        } else {
            Files.write(part, extension.equals(".img") ? image : compressed);
        }
        Files.setLastModifiedTime(part, FileTime.fromMillis(1_000_000));
        Files.move(part, top.resolve("queue").resolve("job" + dropped++ + extension));
    }

    /** Starts a process that ends when it had no job for so many milliseconds. */
    Process serve(long millis, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                QueueServer.class.getName(),
                top.toString(),
                scratch.toString(),
                Long.toString(millis)));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    private Path log() {
        return directory.resolve("said.txt");
    }

    /** Returns what the processes have said. */
    String said() throws IOException {
        return Files.readString(log());
    }

    void forgetWhatWasSaid() throws IOException {
        Files.writeString(log(), "");
    }
}
