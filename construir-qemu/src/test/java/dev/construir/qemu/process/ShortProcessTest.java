package dev.construir.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** What was begun in vain is gone when that is told. */
class ShortProcessTest {
    private static final OrphanProtection NONE =
            new OrphanProtection(OrphanProtection.Kind.DEATH_SIGNAL, List.of(), List.of());

    @TempDir
    Path directory;

    private final Launcher launcher = new Launcher();

    @AfterEach
    void close() {
        launcher.close();
    }

    @RepeatedTest(20)
    void isGoneWhenItsTimeWasUp() throws Exception {
        ShortProcess.Result result =
                ShortProcess.run(launcher, NONE, List.of("sleep", "100"), directory, Duration.ofMillis(1));
        assertThat(result.status()).isEmpty();
        assertNoneIsLeft();
    }

    @RepeatedTest(20)
    void isGoneWhenItsStartWasInterrupted() {
        Thread caller = Thread.currentThread();
        assertThatThrownBy(() -> launcher.launch(() -> {
                    await().until(caller::getState, Thread.State.WAITING::equals);
                    caller.interrupt();
                    return new ProcessBuilder("sleep", "100").start();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        assertNoneIsLeft();
    }

    @RepeatedTest(20)
    void isNotStartedByAThreadThatIsInterrupted() {
        AtomicBoolean begun = new AtomicBoolean();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> launcher.launch(() -> {
                    begun.set(true);
                    return new ProcessBuilder("sleep", "100").start();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(begun).isFalse();
        assertNoneIsLeft();
    }

    @RepeatedTest(20)
    void isGoneWhenTheWaitForItWasInterrupted() throws Exception {
        Process process = launcher.launch(new ProcessBuilder("sleep", "100"));
        Thread.currentThread().interrupt();
        KillEscalation.end(process);
        assertThat(Thread.interrupted()).isTrue();
        assertNoneIsLeft();
    }

    private static void assertNoneIsLeft() {
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
                .isEmpty();
    }
}
