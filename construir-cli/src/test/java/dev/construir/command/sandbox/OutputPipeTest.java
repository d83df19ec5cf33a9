package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutputPipeTest {
    private static final int BOUND = 8;

    private final OutputPipe pipe = new OutputPipe(BOUND);

    private interface Step {
        void take() throws IOException;
    }

    private static CompletableFuture<Void> aside(Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                step.take();
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void whatIsPut_isReadInItsOrderToTheEnd() throws Exception {
        pipe.put(bytes("one"));
        pipe.put(bytes(""));
        pipe.put(bytes("two"));
        pipe.end();
        assertThat(pipe.available()).isEqualTo(6);
        assertThat(pipe.read()).isEqualTo('o');
        assertThat(pipe.readAllBytes()).asString(StandardCharsets.US_ASCII).isEqualTo("netwo");
        assertThat(pipe.read()).isEqualTo(-1);
    }

    @Test
    void aReaderThatWaits_isWokenAtOnce() throws Exception {
        OutputPipe back = new OutputPipe(BOUND);
        CompletableFuture<Void> echo = aside(() -> {
            for (int b = pipe.read(); b >= 0; b = pipe.read()) {
                back.put(new byte[] {(byte) b});
            }
        });
        long start = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            pipe.put(new byte[] {(byte) i});
            assertThat(back.read()).isEqualTo(i);
        }
        // a pipe of the JDK's takes up to a second each way
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        pipe.end();
        echo.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatIsTooMuch_waitsForItsReader() throws Exception {
        pipe.put(new byte[BOUND]);
        CompletableFuture<Void> more = aside(() -> pipe.put(new byte[1]));
        assertThatThrownBy(() -> more.get(50, TimeUnit.MILLISECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        assertThat(pipe.read()).isZero();
        more.get(30, TimeUnit.SECONDS);
        pipe.end();
        assertThat(pipe.readAllBytes()).hasSize(BOUND);
    }

    @Test
    void aLargePiece_waitsAlone() throws Exception {
        pipe.put(new byte[10 * BOUND]);
        pipe.end();
        assertThat(pipe.readAllBytes()).hasSize(10 * BOUND);
    }

    @Test
    void aReaderThatHasGone_stopsNothing() throws Exception {
        pipe.put(new byte[BOUND]);
        CompletableFuture<Void> more = aside(() -> {
            pipe.put(new byte[BOUND]);
            pipe.put(new byte[BOUND]);
        });
        pipe.close();
        more.get(30, TimeUnit.SECONDS);
        assertThatThrownBy(pipe::read).isInstanceOf(IOException.class);
    }

    @Test
    void anInterrupt_endsWaitingAndLosesNothing() throws Exception {
        CompletableFuture<Thread> reader = new CompletableFuture<>();
        CompletableFuture<Void> read = aside(() -> {
            reader.complete(Thread.currentThread());
            int unused = pipe.read();
        });
        Thread thread = reader.get(30, TimeUnit.SECONDS);
        await().until(() -> thread.getState() == Thread.State.WAITING);
        thread.interrupt();
        assertThatThrownBy(() -> read.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(InterruptedIOException.class);
        pipe.put(bytes("x"));
        assertThat(pipe.read()).isEqualTo('x');
    }
}
