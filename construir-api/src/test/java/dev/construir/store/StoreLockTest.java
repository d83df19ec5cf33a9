package dev.construir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StoreLockTest {
    @TempDir
    Path directory;

    @Test
    void manyShareItAndOneHasItAlone() throws Exception {
        Path file = directory.resolve("a.lock");
        StoreLock.Hold one = StoreLock.shared(file);
        StoreLock.Hold two = StoreLock.shared(file);
        assertThat(StoreLock.tryExclusive(file)).isEmpty();
        one.close();
        one.close(); // no more than once
        assertThat(StoreLock.tryExclusive(file)).isEmpty();
        two.close();
        StoreLock.Hold alone = StoreLock.tryExclusive(file).orElseThrow();
        assertThat(StoreLock.tryExclusive(file)).isEmpty();
        alone.close();
        StoreLock.shared(file).close();
    }

    @Test
    void whoOnlyAsksIsNoHolder() throws Exception {
        Path file = directory.resolve("a.lock");
        int threads = 4;
        CyclicBarrier together = new CyclicBarrier(threads);
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            CompletableFuture<Boolean> got = new CompletableFuture<>();
            all.add(got);
            thread(() -> {
                boolean each = true;
                for (int turn = 0; turn < 1000; turn++) {
                    together.await();
                    Optional<StoreLock.Hold> hold = StoreLock.tryShared(file);
                    each &= hold.isPresent();
                    hold.ifPresent(StoreLock.Hold::close);
                }
                got.complete(each);
            });
        }
        for (CompletableFuture<Boolean> got : all) {
            assertThat(got.get()).isTrue();
        }
    }

    @Test
    void waiting_getsTheLockOrEndsWithAnInterrupt() throws Exception {
        Path file = directory.resolve("a.lock");
        StoreLock.Hold alone = StoreLock.exclusive(file);
        CompletableFuture<Boolean> got = new CompletableFuture<>();
        Thread waits = thread(() -> {
            StoreLock.shared(file).close();
            got.complete(true);
        });
        AtomicReference<@Nullable Exception> left = new AtomicReference<>();
        Thread leaves = new Thread(() -> {
            try {
                StoreLock.exclusive(file).close();
            } catch (Exception e) {
                left.set(e);
            }
        });
        leaves.start();
        await().until(() -> leaves.getState() == Thread.State.WAITING && waits.getState() == Thread.State.WAITING);
        leaves.interrupt();
        leaves.join();
        assertThat(left.get()).isInstanceOf(InterruptedException.class);
        assertThat(got).isNotDone();
        alone.close();
        assertThat(got.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anotherProcessIsKeptAwayUntilItsHolderIsKilled() throws Exception {
        Path file = directory.resolve("a.lock");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says = holder.inputReader()) {
            assertThat(says.readLine()).isEqualTo("held");
            assertThat(StoreLock.tryExclusive(file)).isEmpty();
            StoreLock.shared(file).close();
            CompletableFuture<Boolean> got = new CompletableFuture<>();
            thread(() -> {
                StoreLock.exclusive(file).close();
                got.complete(true);
            });
            assertThat(got).isNotDone();
            holder.destroyForcibly();
            assertThat(got.get(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatCannotBeLockedIsToldAndWaitedForByNobody() {
        Path file = directory.resolve("missing/a.lock");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> StoreLock.shared(file)).isInstanceOf(java.io.IOException.class);
        }
    }

    /** Holds a lock until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            StoreLock.Hold hold = StoreLock.shared(Path.of(arguments[0]));
            System.out.println("held");
            Thread.sleep(Long.MAX_VALUE);
            hold.close();
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Thread thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
