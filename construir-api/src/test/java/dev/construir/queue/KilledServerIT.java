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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One, two or four processes that serve a queue are killed again and again. No job is ever lost, torn, in two places,
 * run twice at a time, or run after it is done.
 */
@Timeout(3600)
class KilledServerIT {
    /** The number of kills; more with {@code -Dconstruir.kills=300}. */
    private static final int KILLS = Integer.getInteger("construir.kills", 20);

    private static final int[] SERVERS = {1, 2, 1, 4};

    @TempDir
    Path directory;

    private ServedQueue queue;

    @BeforeEach
    void prepare() throws Exception {
        queue = new ServedQueue(directory);
    }

    @Test
    void noJobIsLostWheneverAServerIsKilled() throws Exception {
        Random random = new Random(7);
        int killed = 0;
        for (int round = 0; killed < KILLS; round++) {
            for (int i = 0; i < 10; i++) {
                queue.drop();
            }
            List<Process> servers = new ArrayList<>();
            for (int i = 0; i < SERVERS[round % SERVERS.length]; i++) {
                servers.add(queue.serve(60_000));
            }
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() ->
                            queue.said().contains("serving") || !servers.get(0).isAlive());
            for (Process server : servers) {
                Thread.sleep(random.nextInt(150)); // a random moment, not a wait for something
                server.destroyForcibly().waitFor();
                killed++;
            }
            assertThat(queue.said().replace("serving\n", "")).isEmpty();
            queue.forgetWhatWasSaid();
            assertWhereabouts();
        }
        do {
            assertThat(queue.serve(1000).waitFor(60, TimeUnit.SECONDS))
                    .as(queue.said())
                    .isTrue();
        } while (count("queue") > 0);
        assertWhereabouts();
        assertThat(Whereabouts.litter(queue.top())).as(queue.said()).isEmpty();
        assertThat(count("failed")).isZero();
        assertThat(count("done")).isEqualTo(3L * queue.dropped());
        System.out.printf("%d processes were killed over %d jobs%n", killed, queue.dropped());
    }

    private long count(String folder) throws IOException {
        try (Stream<Path> files = Files.list(queue.top().resolve(folder))) {
            return files.count();
        }
    }

    private void assertWhereabouts() throws IOException {
        Whereabouts at = Whereabouts.in(queue.top());
        List<String> all = new ArrayList<>(at.waiting());
        all.addAll(at.claimed());
        all.addAll(at.results());
        assertThat(all).hasSize(queue.dropped()).doesNotHaveDuplicates();
        assertThat(queue.scratch().resolve("violations")).doesNotExist();
        try (Stream<Path> files = Files.walk(queue.top())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".img")) {
                    assertThat(Files.readAllBytes(file)).as(name).isEqualTo(queue.image());
                } else if (name.startsWith("job")
                        && name.endsWith(".img.xz")
                        && !file.startsWith(queue.top().resolve("done"))) {
                    assertThat(Files.readAllBytes(file)).as(name).isEqualTo(queue.compressed());
                }
            }
        }
    }
}
