package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both sides of opening a sandbox, each with a scripted other side. */
@Timeout(60)
class KeeperProcessTest {
    @TempDir
    Path temp;

    private KeeperProcess start(String script) throws IOException {
        return KeeperProcess.start(List.of("sh", "-c", script), temp.resolve("log"));
    }

    @Test
    void awaitReady_passesOnWhatTheKeeperWaitsFor() throws Exception {
        List<String> shown = new ArrayList<>();
        String script = "echo status waiting for memory; echo status starting debian; echo ready; read end";
        try (KeeperProcess keeper = start(script)) {
            assertThat(keeper.awaitReady(shown::add)).isTrue();
        }
        assertThat(shown).containsExactly("waiting for memory", "starting debian");
    }

    @Test
    void awaitReady_ofAKeeperThatEnds_hasAllItSaid() throws Exception {
        try (KeeperProcess keeper = start("exec >&-; sleep 0.3; echo 'no such thing' >&2; exit 125")) {
            assertThat(keeper.awaitReady(status -> {})).isFalse();
            assertThat(Files.readString(temp.resolve("log"))).isEqualTo("no such thing\n");
        }
    }

    @Test
    void awaitReady_thatIsInterrupted_endsTheKeeper() throws Exception {
        Path number = temp.resolve("pid");
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread opener = new Thread(() -> {
            try (KeeperProcess keeper =
                    start("echo $$ >" + number + ".new; mv " + number + ".new " + number + "; exec sleep 600")) {
                interrupted.complete(keeper.awaitReady(status -> {}));
            } catch (InterruptedException e) {
                interrupted.complete(true);
            } catch (IOException e) {
                interrupted.completeExceptionally(e);
            }
        });
        opener.start();
        await().until(() -> Files.exists(number));
        long keeper = Long.parseLong(Files.readString(number).strip());
        opener.interrupt();
        opener.join();
        assertThat(interrupted.get(1, TimeUnit.SECONDS)).isTrue();
        assertThat(ProcessHandle.of(keeper).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    @Test
    void theEndOfTheOpener_interruptsTheKeeperUntilTheSandboxIsOpen() throws Exception {
        PipedOutputStream opener = new PipedOutputStream();
        KeeperSignal signal =
                KeeperSignal.start(new PipedInputStream(opener), new ByteArrayOutputStream(), Thread.currentThread());
        opener.close();
        assertThatThrownBy(() -> TimeUnit.SECONDS.sleep(30)).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(signal::ready).isInstanceOf(IOException.class).hasMessageContaining("is gone");
        assertThat(signal.isReady()).isFalse();
    }

    @Test
    void theEndOfTheOpener_isOfNoConcernOnceTheSandboxIsOpen() throws Exception {
        PipedOutputStream opener = new PipedOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        KeeperSignal signal = KeeperSignal.start(new PipedInputStream(opener), out, Thread.currentThread());
        signal.status("waiting for memory");
        signal.ready();
        opener.close();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("construir-keeper-opener")));
        assertThat(Thread.interrupted()).isFalse();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("status waiting for memory\nready\n");
    }
}
