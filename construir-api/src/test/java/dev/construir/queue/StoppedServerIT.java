package dev.construir.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * Processes that serve a queue are stopped (SIGSTOP) again and again and go on later, or are killed while they are
 * stopped; the others take their jobs over. Every job has one result in the end, and nothing is left behind.
 */
@Timeout(3600)
class StoppedServerIT {
    /** The number of stops; more with {@code -Dconstruir.stops=300}. */
    private static final int STOPS = Integer.getInteger("construir.stops", 15);

    private static final int SEED = Integer.getInteger("construir.seed", 11);
    private static final int SERVERS = 3;
    private static final int TAKE_OVER_MILLIS = 150;

    @TempDir
    Path directory;

    private final List<Process> servers = new ArrayList<>();
    private ServedQueue queue;

    @BeforeEach
    void prepare() throws Exception {
        queue = new ServedQueue(directory);
    }

    private Process serve(long millis) throws IOException {
        return queue.serve(millis, Integer.toString(TAKE_OVER_MILLIS));
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
        for (int i = 0; i < SERVERS; i++) {
            servers.add(serve(3_600_000));
        }
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> queue.said().lines().filter("serving"::equals).count() == SERVERS);
        int killed = 0;
        for (int stops = 0; stops < STOPS; stops++) {
            for (int i = 0; i < 6; i++) {
                queue.drop();
            }
            int which = random.nextInt(SERVERS);
            Process stopped = servers.get(which);
            Thread.sleep(random.nextInt(60)); // a random moment, not a wait for something
            signal("STOP", stopped);
            if (random.nextBoolean()) {
                Thread.sleep(random.nextInt(3 * TAKE_OVER_MILLIS)); // as it is here
            } else { // the others do it all
                await().atMost(60, TimeUnit.SECONDS).until(() -> records() == queue.dropped());
            }
            if (random.nextInt(6) == 0) {
                stopped.destroyForcibly().waitFor();
                servers.set(which, serve(3_600_000));
                killed++;
            } else {
                signal("CONT", stopped);
            }
        }
        await().atMost(120, TimeUnit.SECONDS).until(() -> records() == queue.dropped());
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
        assertThat(serve(500).waitFor(60, TimeUnit.SECONDS)).as(queue.said()).isTrue();
        assertThat(Whereabouts.in(queue.top()).results())
                .as(queue.said())
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, queue.dropped())
                        .mapToObj(i -> "job" + i)
                        .toList());
        assertThat(Whereabouts.in(queue.top()).count()).isEqualTo(queue.dropped());
        assertThat(Whereabouts.litter(queue.top())).as(queue.said()).isEmpty();
        assertThat(queue.said()).contains("taking over job job");
        assertThat(scratchLeft()).isEmpty();
        System.out.printf(
                "processes were stopped %d times and %d of them killed over %d jobs, %d of which were taken over%n",
                STOPS,
                killed,
                queue.dropped(),
                queue.said()
                        .lines()
                        .filter(line -> line.contains("taking over job"))
                        .count());
    }

    private long records() throws IOException {
        try (Stream<Path> files = Files.list(queue.top().resolve("done"))) {
            return files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private List<Path> scratchLeft() throws IOException {
        try (Stream<Path> files = Files.list(queue.scratch().resolve("runs"))) {
            return files.toList();
        }
    }
}
