package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.CompressOptions;
import dev.construir.disk.CompressedImage;
import dev.construir.disk.DiskOptions;
import dev.construir.disk.JobDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that serve a queue, one, two or four at once, are killed again and again, and no job is ever lost, torn, in two places, run twice at a
 * time, or run when it was done.
 */
@Timeout(3600)
class KilledServerIT {
    /** How often; more by {@code -Dconstruir.kills=300}. */
    private static final int KILLS = Integer.getInteger("construir.kills", 20);

    private static final int[] SERVERS = {1, 2, 1, 4};

    @TempDir
    Path directory;

    private Path top;
    private Path scratch;
    private byte[] image;
    private byte[] compressed;
    private int dropped;

    @BeforeEach
    void prepare() throws Exception {
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
    }

    /** Images, compressed images and directories in turn. */
    private void drop() throws IOException {
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

    private Process serve(long millis) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        QueueServer.class.getName(),
                        top.toString(),
                        scratch.toString(),
                        Long.toString(millis))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("said.txt").toFile()))
                .start();
    }

    @Test
    void noJobIsLostWheneverAServerIsKilled() throws Exception {
        Random random = new Random(7);
        int killed = 0;
        for (int round = 0; killed < KILLS; round++) {
            for (int i = 0; i < 10; i++) {
                drop();
            }
            List<Process> servers = new ArrayList<>();
            for (int i = 0; i < SERVERS[round % SERVERS.length]; i++) {
                servers.add(serve(60_000));
            }
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> said().contains("serving") || !servers.get(0).isAlive());
            for (Process server : servers) {
                Thread.sleep(random.nextInt(150)); // the point in time is what is random here
                server.destroyForcibly().waitFor();
                killed++;
            }
            assertThat(said().replace("serving\n", "")).isEmpty();
            Files.delete(directory.resolve("said.txt"));
            assertWhereabouts();
        }
        do {
            assertThat(serve(1000).waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
        } while (count("queue") > 0);
        assertWhereabouts();
        assertThat(Whereabouts.litter(top)).as(said()).isEmpty();
        assertThat(count("failed")).isZero();
        assertThat(count("done")).isEqualTo(3L * dropped);
        System.out.printf("%d processes were killed over %d jobs%n", killed, dropped);
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("said.txt"));
    }

    private long count(String folder) throws IOException {
        try (Stream<Path> files = Files.list(top.resolve(folder))) {
            return files.count();
        }
    }

    private void assertWhereabouts() throws IOException {
        Whereabouts at = Whereabouts.in(top);
        List<String> all = new ArrayList<>(at.waiting());
        all.addAll(at.claimed());
        all.addAll(at.results());
        assertThat(all).hasSize(dropped).doesNotHaveDuplicates();
        assertThat(scratch.resolve("violations")).doesNotExist();
        try (Stream<Path> files = Files.walk(top)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".img")) {
                    assertThat(Files.readAllBytes(file)).as(name).isEqualTo(image);
                } else if (name.startsWith("job")
                        && name.endsWith(".img.xz")
                        && !file.startsWith(top.resolve("done"))) {
                    assertThat(Files.readAllBytes(file)).as(name).isEqualTo(compressed);
                }
            }
        }
    }
}
