package dev.construir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests typing on a console: echo, a guest that does not read, and backends that cannot type. */
abstract class ConsoleContract extends ContractFixture {
    @Test
    void typesOnTheConsole() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.ECHO), listener)) {
            awaitReady(listener);
            if (refusesToType(machine)) {
                return;
            }
            ByteBuffer text = ascii("typed without\ta line feed");
            machine.writeConsole(text);
            assertThat(text.hasRemaining()).isFalse();
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .until(() -> listener.console().endsWith("typed without\ta line feed"));
            machine.writeConsole(ascii("\4"));
            assertThat(exit(machine)).isInstanceOfAny(MachineExit.PoweredOff.class, MachineExit.Ended.class);
            assertThatThrownBy(() -> machine.writeConsole(ascii("too late"))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aGuestThatDoesNotReadHoldsUpOnlyTheTypingThread() throws Exception {
        RecordingListener listener = new RecordingListener();
        try (Machine machine = hypervisor.start(spec(GuestBehaviour.HANG), listener)) {
            awaitReady(listener);
            if (refusesToType(machine)) {
                return;
            }
            Typist first = Typist.start(machine);
            first.awaitHeldUp();
            first.thread.interrupt();
            assertThat(first.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
            assertThat(machine.exit()).isNotDone();
            Typist second = Typist.start(machine);
            second.awaitHeldUp();
            machine.kill("enough");
            assertThat(exit(machine)).isEqualTo(new MachineExit.Killed("enough"));
            assertThat(second.failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
        }
    }

    private boolean refusesToType(Machine machine) {
        if (canType()) {
            return false;
        }
        assertThatThrownBy(() -> machine.writeConsole(ascii("x")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining(hypervisor.name());
        return true;
    }

    /** Types more than any host keeps for a guest. */
    private record Typist(Thread thread, CompletableFuture<Exception> failure) {
        static Typist start(Machine machine) {
            CompletableFuture<Exception> failure = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    machine.writeConsole(ByteBuffer.allocate(8 << 20));
                    failure.completeExceptionally(new AssertionError("8 MiB were typed at a guest that reads nothing"));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    failure.complete(e);
                }
            });
            thread.start();
            return new Typist(thread, failure);
        }

        void awaitHeldUp() {
            await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(() -> thread.getState() == Thread.State.WAITING);
        }
    }
}
