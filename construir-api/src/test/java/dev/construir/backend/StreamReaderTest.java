package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.backend.StreamReader.Receipts;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a reader knows of its stream. */
@Timeout(30)
class StreamReaderTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final AtomicLong heard = new AtomicLong();

    @Test
    void catchesUpWithWhatWasThere() throws Exception {
        StreamReader reader = start(bytes -> heard.addAndGet(bytes.remaining()), Receipts.NONE);
        try (SocketChannel guest = connect()) {
            assertThat(reader.catchUp(LONG)).isTrue();
            assertThat(reader.total()).isZero();
            for (int i = 1; i <= 100; i++) {
                write(guest, 1000);
                assertThat(reader.catchUp(LONG)).isTrue();
                assertThat(reader.total()).isEqualTo(1000L * i);
                assertThat(heard).hasValue(1000L * i);
            }
        }
        assertThat(reader.awaitEnd(LONG)).isTrue();
        assertThat(reader.catchUp(LONG)).as("nothing comes after the end").isTrue();
    }

    @Test
    void doesNotCatchUpWhileItsSinkIsStuck() throws Exception {
        CountDownLatch enough = new CountDownLatch(1);
        StreamReader reader = start(
                bytes -> {
                    try {
                        enough.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                Receipts.GIVEN);
        try (SocketChannel guest = connect()) {
            write(guest, 1);
            assertThat(reader.catchUp(Duration.ofMillis(20))).isFalse();
            enough.countDown();
            assertThat(reader.catchUp(LONG)).isTrue();
            reader.abandon();
            assertThat(reader.awaitEnd(LONG)).as("although nothing comes").isTrue();
        }
    }

    @Test
    void readsOnAfterItsSinkHasInterruptedIt() throws Exception {
        StreamReader reader = start(
                bytes -> {
                    heard.addAndGet(bytes.remaining());
                    Thread.currentThread().interrupt();
                },
                Receipts.NONE);
        try (SocketChannel guest = connect()) {
            write(guest, 10);
            assertThat(reader.catchUp(LONG)).isTrue();
            write(guest, 10);
            assertThat(reader.catchUp(LONG)).isTrue();
        }
        assertThat(reader.awaitEnd(LONG)).isTrue();
        assertThat(heard).hasValue(20);
    }

    @Test
    void reading_reportsToTheGuestHowMuchWasRead() throws Exception {
        StreamReader reader = start(bytes -> {}, Receipts.GIVEN);
        try (SocketChannel guest = connect();
                BufferedReader receipts = new BufferedReader(Channels.newReader(guest, StandardCharsets.US_ASCII))) {
            assertThat(receipts.readLine()).isEqualTo("0");
            write(guest, 1 << 20);
            String said = "0";
            while (!said.equals(Integer.toString(1 << 20))) {
                String next = receipts.readLine();
                assertThat(Long.parseLong(next)).isGreaterThan(Long.parseLong(said));
                said = next;
            }
        }
        assertThat(reader.awaitEnd(LONG)).isTrue();
    }

    @Test
    void readsToTheEndWhatAGuestHasWrittenThatListensToNothing() throws Exception {
        StreamReader reader = start(bytes -> heard.addAndGet(bytes.remaining()), Receipts.GIVEN);
        int rounds = 20_000; // more receipts than a socket takes
        try (SocketChannel guest = connect()) {
            for (int i = 0; i < rounds; i++) {
                write(guest, 1);
            }
            write(guest, 100_000);
        }
        assertThat(reader.awaitEnd(LONG)).isTrue();
        assertThat(heard).hasValue(rounds + 100_000L);
    }

    private StreamReader start(Consumer<ByteBuffer> sink, Receipts receipts) throws IOException {
        return StreamReader.start(ListeningSocket.bind(directory, "s"), "a-stream", sink, receipts);
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("s")));
    }

    private static void write(SocketChannel guest, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            guest.write(bytes);
        }
    }
}
