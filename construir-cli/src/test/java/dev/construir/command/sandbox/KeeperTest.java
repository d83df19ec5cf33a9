package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.job.Limits;
import dev.construir.run.Runner;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.sandbox.Sandbox;
import dev.construir.sandbox.SandboxOptions;
import dev.construir.testkit.FakeHypervisor;
import dev.construir.testkit.FakeSandboxGuest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A keeper and its clients, with a guest in memory. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class KeeperTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SIGTERM = 15;

    @TempDir
    Path temp;

    private final AtomicInteger asleep = new AtomicInteger();
    private final CountDownLatch opened = new CountDownLatch(1);

    private FakeSandboxGuest guest() {
        return FakeSandboxGuest.builder()
                .program("sleep", process -> {
                    asleep.incrementAndGet();
                    try {
                        TimeUnit.MILLISECONDS.sleep(
                                Long.parseLong(process.arguments().get(1)));
                        return 0;
                    } finally {
                        asleep.decrementAndGet();
                    }
                })
                .program("count", process -> {
                    long total = 0;
                    byte[] buffer = new byte[1000];
                    for (int read = process.stdin().read(buffer);
                            read >= 0;
                            read = process.stdin().read(buffer)) {
                        total += read;
                    }
                    process.print(total + "\n");
                    return 0;
                })
                .build();
    }

    /** Keeps a sandbox on another thread, as a process of its own would; returns why it ended. */
    private CompletableFuture<Optional<String>> keep(NamedSandbox place, Limits limits) throws Exception {
        CompletableFuture<Optional<String>> end = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        end.complete(serve(place, limits));
                    } catch (Exception | AssertionError e) {
                        end.completeExceptionally(e);
                    }
                },
                "test-keeper");
        thread.start();
        assertThat(opened.await(30, TimeUnit.SECONDS)).isTrue();
        return end;
    }

    private Optional<String> serve(NamedSandbox place, Limits limits) throws Exception {
        SandboxOptions options = SandboxOptions.DEFAULT.withLimits(limits);
        Path image = temp.resolve("root.img");
        try (Keeper keeper = new Keeper();
                Claim claim = Claim.of(place, place.newLog());
                Runner runner = Runner.builder(new FakeHypervisor(guest()), FakeHypervisor.image(image))
                        .scratch(temp.resolve("runs"))
                        .build();
                Sandbox sandbox = Sandbox.open(runner, options)) {
            Keeper.Kept kept = new Keeper.Kept(sandbox, "fake", limits.idle());
            Optional<String> why = keeper.serve(kept, claim, opened::countDown);
            if (why.isPresent()) {
                claim.ended(why.get());
            }
            return why;
        }
    }

    private NamedSandbox place() throws Exception {
        return NamedSandbox.forNew(temp.resolve("scratch"), "work");
    }

    private static Execution start(NamedSandbox place, boolean input, String... words) throws Exception {
        return KeeperClient.start(place, new KeeperClient.Exec(List.of(words), Map.of(), "", "", input, -1, 0));
    }

    private static void close(NamedSandbox place) throws Exception {
        KeeperClient.close(place, PATIENCE, PATIENCE);
    }

    /** Writes until that is refused, as from an endless input. */
    private static Thread flood(Execution execution) {
        Thread thread = new Thread(() -> {
            try (OutputStream out = execution.stdin()) {
                while (true) {
                    out.write(new byte[100_000]);
                }
            } catch (IOException e) {
                // as expected
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void close_returnsWhenNothingIsLeft() throws Exception {
        NamedSandbox place = place();
        CompletableFuture<Optional<String>> end = keep(place, Limits.DEFAULT);
        assertThat(KeeperClient.state(place, PATIENCE)).startsWith("fake\t").endsWith("\t0");
        close(place);
        assertThat(place.directory()).doesNotExist();
        assertThat(end.get(20, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aClientThatGoesAway_takesItsCommandWithItThoughThatReadsNothing() throws Exception {
        NamedSandbox place = place();
        CompletableFuture<Optional<String>> end = keep(place, Limits.DEFAULT);
        try (Execution execution = start(place, true, "sleep", "600000")) {
            Thread writer = flood(execution);
            await().atMost(PATIENCE).until(() -> asleep.get() == 1 && writer.getState() == Thread.State.WAITING);
            execution.close();
            await().atMost(PATIENCE).until(() -> asleep.get() == 0);
            writer.join();
        }
        close(place);
        assertThat(end.get(20, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aSignal_reachesACommandThatReadsNothing() throws Exception {
        NamedSandbox place = place();
        CompletableFuture<Optional<String>> end = keep(place, Limits.DEFAULT);
        try (Execution execution = start(place, true, "sleep", "600000")) {
            Thread writer = flood(execution);
            await().atMost(PATIENCE).until(() -> asleep.get() == 1 && writer.getState() == Thread.State.WAITING);
            execution.signal(SIGTERM);
            assertThat(execution.await().end()).isEqualTo(new ExecutionEnd.Signalled(SIGTERM));
            writer.join();
        }
        close(place);
        assertThat(end.get(20, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void input_isPassedOnToItsEnd() throws Exception {
        NamedSandbox place = place();
        CompletableFuture<Optional<String>> end = keep(place, Limits.DEFAULT);
        try (Execution execution = start(place, true, "count")) {
            try (OutputStream out = execution.stdin()) {
                for (int i = 0; i < 50; i++) {
                    out.write(new byte[99_999]);
                }
                out.write('x');
            }
            assertThat(execution.stdout().readAllBytes()).asString().isEqualTo("4999951\n");
            assertThat(execution.await().end()).isEqualTo(new ExecutionEnd.Exited(0));
        }
        close(place);
        assertThat(end.get(20, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aSandbox_isNotIdleWhileACommandRunsInItAndSaysAfterwardsWhyItEnded() throws Exception {
        NamedSandbox place = place();
        CompletableFuture<Optional<String>> end = keep(place, Limits.DEFAULT.withIdle(Duration.ofMillis(1500)));
        try (Execution execution = start(place, false, "sleep", "4000")) {
            assertThat(execution.await().end()).isEqualTo(new ExecutionEnd.Exited(0));
        }
        assertThat(end.get(20, TimeUnit.SECONDS)).isPresent();
        assertThatThrownBy(() -> KeeperClient.state(place, PATIENCE))
                .isInstanceOf(UnservedException.class)
                .hasMessageStartingWith("the sandbox work ended: its machine ended:")
                .hasMessageContaining("idle");
        place.remove();
        assertThat(place.directory()).doesNotExist();
    }
}
