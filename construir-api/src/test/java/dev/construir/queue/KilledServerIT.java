package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.disk.Attributes;
import dev.construir.disk.DiskOptions;
import dev.construir.disk.JobDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that serve a queue are killed again and again, and no job is ever lost, torn or in two places. */
@Timeout(600)
class KilledServerIT {
    /** How often; more by {@code -Dconstruir.kills=300}. */
    private static final int KILLS = Integer.getInteger("construir.kills", 20);

    @TempDir
    Path directory;

    private Path top;
    private Path scratch;
    private byte[] image;
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
    }

    private void drop() throws IOException {
        Path part = Files.createDirectories(top.resolve("queue")).resolve(".new");
        Files.write(part, image);
        Files.setLastModifiedTime(part, FileTime.fromMillis(1_000_000));
        Files.move(part, top.resolve("queue").resolve("job" + dropped++ + ".img"));
    }

    private Process serve(long millis) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        QueueServer.class.getName(),
                        top.toString(),
                        scratch.toString(),
                        Long.toString(millis))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said.txt").toFile())
                .start();
    }

    @Test
    void noJobIsLostWheneverAServerIsKilled() throws Exception {
        Random random = new Random(7);
        for (int kill = 0; kill < KILLS; kill++) {
            for (int i = 0; i < 10; i++) {
                drop();
            }
            List<Process> servers = new ArrayList<>();
            for (int i = 0; i <= kill % 2; i++) {
                servers.add(serve(60_000));
            }
            await().until(() -> said().contains("serving") || !servers.get(0).isAlive());
            for (Process server : servers) {
                Thread.sleep(random.nextInt(150)); // the point in time is what is random here
                server.destroyForcibly().waitFor();
            }
            assertThat(said()).doesNotContain("Exception");
            assertWhereabouts();
        }
        do {
            assertThat(serve(1000).waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
        } while (count("queue") > 0);
        assertWhereabouts();
        assertThat(count("running")).as(said()).isZero();
        assertThat(count("failed")).isZero();
        assertThat(count("done")).isEqualTo(3L * dropped);
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
        Map<String, List<String>> places = new TreeMap<>();
        collect(top.resolve("queue"), "queue", places);
        try (Stream<Path> owners = Files.list(top.resolve("running"))) {
            for (Path owner : owners.filter(Files::isDirectory).toList()) {
                try (Stream<Path> claims = Files.list(owner)) {
                    for (Path claim : claims.filter(Files::isDirectory).toList()) {
                        new ClaimDirectory(claim, new Changes())
                                .file()
                                .ifPresent(file -> places.computeIfAbsent(file.base(), name -> new ArrayList<>())
                                        .add("running"));
                        collectWhole(claim);
                    }
                }
            }
        }
        for (String folder : List.of("done", "failed")) {
            try (Stream<Path> files = Files.list(top.resolve(folder))) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".json")) {
                        String base = name.substring(0, name.length() - 5);
                        places.computeIfAbsent(base, any -> new ArrayList<>()).remove("running"); // about to be removed
                        places.get(base).add(folder);
                        assertThat(Files.readString(file)).endsWith("}\n");
                        assertThat(top.resolve(folder).resolve(base + ".log")).exists();
                        assertThat(top.resolve(folder).resolve(base + ".img.xz"))
                                .isNotEmptyFile();
                    }
                }
            }
        }
        assertThat(places).hasSize(dropped);
        places.forEach((name, where) -> assertThat(where).as(name).hasSize(1));
    }

    private void collect(Path folder, String place, Map<String, List<String>> places) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (JobFile.isJob(name) && !Files.isSymbolicLink(file)) { // else it is held for one that comes back
                    assertThat(Files.readAllBytes(file)).isEqualTo(image);
                    places.computeIfAbsent(new JobFile(name).base(), any -> new ArrayList<>())
                            .add(place);
                }
            }
        }
    }

    private void collectWhole(Path claim) throws IOException {
        try (Stream<Path> files = Files.list(claim)) {
            for (Path file : files.filter(
                            each -> JobFile.isJob(each.getFileName().toString()))
                    .toList()) {
                assertThat(Files.readAllBytes(file)).isEqualTo(image);
            }
        } catch (NoSuchFileException e) {
            throw new AssertionError("a claim vanished though its process is dead: " + claim, e);
        }
    }
}
