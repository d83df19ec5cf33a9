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
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that serve a queue are stopped (SIGSTOP) again and again and go on later, or are killed while they are stopped; the others take their jobs
 * over. Every job has one result in the end, and nothing is left behind.
 */
@Timeout(3600)
class StoppedServerIT {
    /** How often; more by {@code -Dconstruir.stops=300}. */
    private static final int STOPS = Integer.getInteger("construir.stops", 15);

    private static final int SEED = Integer.getInteger("construir.seed", 11);
    private static final int SERVERS = 3;
    private static final int TAKE_OVER_MILLIS = 150;

    @TempDir
    Path directory;

    private final List<Process> servers = new ArrayList<>();
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

    /** Images and directories in turn. */
    private void drop() throws IOException {
        Path part = Files.createDirectories(top.resolve("queue")).resolve(".new");
        boolean asImage = dropped % 2 == 0;
        if (asImage) {
            Files.write(part, image);
        } else {
            Path script = Files.createDirectories(part.resolve("bin")).resolve("construir");
            Files.writeString(script, "#!/bin/sh\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
        Files.setLastModifiedTime(part, FileTime.fromMillis(1_000_000));
        Files.move(part, top.resolve("queue").resolve("job" + dropped++ + (asImage ? ".img" : "")));
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
                        Long.toString(millis),
                        Integer.toString(TAKE_OVER_MILLIS))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("said.txt").toFile()))
                .start();
    }

    @AfterEach
    void endServers() throws InterruptedException {
        for (Process server : servers) { // of a test that failed
            server.destroyForcibly().waitFor();
        }
    }

    private static void signal(String name, Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void everyJobHasOneResultWheneverAServerIsStopped() throws Exception {
        Random random = new Random(SEED);
        Files.createFile(directory.resolve("said.txt"));
        for (int i = 0; i < SERVERS; i++) {
            servers.add(serve(3_600_000));
        }
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> said().lines().filter("serving"::equals).count() == SERVERS);
        int killed = 0;
        for (int stops = 0; stops < STOPS; stops++) {
            for (int i = 0; i < 6; i++) {
                drop();
            }
            int which = random.nextInt(SERVERS);
            Process stopped = servers.get(which);
            Thread.sleep(random.nextInt(60)); // the point in time is what is random here
            signal("STOP", stopped);
            if (random.nextBoolean()) {
                Thread.sleep(random.nextInt(3 * TAKE_OVER_MILLIS)); // as it is here
            } else { // the others do it all
                await().atMost(60, TimeUnit.SECONDS).until(() -> records() == dropped);
            }
            if (random.nextInt(6) == 0) {
                stopped.destroyForcibly().waitFor();
                servers.set(which, serve(3_600_000));
                killed++;
            } else {
                signal("CONT", stopped);
            }
        }
        await().atMost(120, TimeUnit.SECONDS).until(() -> records() == dropped);
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
        assertThat(serve(500).waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
        assertThat(Whereabouts.in(top).results())
                .as(said())
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, dropped).mapToObj(i -> "job" + i).toList());
        assertThat(Whereabouts.in(top).count()).isEqualTo(dropped);
        assertThat(Whereabouts.litter(top)).as(said()).isEmpty();
        assertThat(said()).contains("taking over job job");
        assertThat(scratchLeft()).isEmpty();
        System.out.printf(
                "processes were stopped %d times and %d of them killed over %d jobs, %d of which were taken over%n",
                STOPS,
                killed,
                dropped,
                said().lines().filter(line -> line.contains("taking over job")).count());
    }

    private long records() throws IOException {
        try (Stream<Path> files = Files.list(top.resolve("done"))) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private List<Path> scratchLeft() throws IOException {
        try (Stream<Path> files = Files.list(scratch.resolve("runs"))) {
            return files.toList();
        }
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("said.txt"));
    }
}
