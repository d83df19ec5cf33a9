package dev.construir.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class MachineStreamsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final AtomicReference<String> console = new AtomicReference<>("");
    private final AtomicReference<String> output = new AtomicReference<>("");

    private MachineStreams start() throws IOException {
        return MachineStreams.start(
                StreamSockets.bind(directory, "console", "output", "sandbox"),
                "test",
                bytes -> console.accumulateAndGet(decode(bytes), String::concat),
                bytes -> output.accumulateAndGet(decode(bytes), String::concat));
    }

    private SocketChannel connect(String name) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve(name)));
    }

    private static String read(SocketChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
        return decode(buffer.flip());
    }

    private static String decode(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes).toString();
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(StandardCharsets.US_ASCII.encode(text));
    }

    @Test
    void streams_areReadToTheirEnds_andOnlyTheOutputGetsReceipts() throws Exception {
        MachineStreams streams = start();
        assertThat(streams.awaitConnection(Duration.ofMillis(1))).isFalse();
        try (streams;
                SocketChannel first = connect("console");
                SocketChannel second = connect("output");
                SocketChannel third = connect("sandbox")) {
            assertThat(streams.awaitConnection(LONG)).isTrue();
            write(first, "printed");
            write(second, "result");
            String receipts = "";
            while (!receipts.endsWith("6\n")) { // there may be one for no bytes before
                receipts += read(second, 2);
            }
            assertThat(streams.drain(limit -> {}, LONG)).isTrue();
            assertThat(console).hasValue("printed");
            assertThat(output).hasValue("result");
            streams.writeConsole(ByteBuffer.wrap("typed".getBytes(StandardCharsets.US_ASCII)));
            assertThat(read(first, 5)).isEqualTo("typed");
            assertThat(streams.awaitEnd(Duration.ofMillis(1))).isFalse();
            write(first, ", and more");
            write(third, "ping");
            ByteBuffer heard = ByteBuffer.allocate(4);
            while (heard.hasRemaining() && streams.channel().read(heard) > 0) {}
            assertThat(decode(heard.flip())).isEqualTo("ping");
            streams.channel().write(ByteBuffer.wrap("pong".getBytes(StandardCharsets.US_ASCII)));
            assertThat(read(third, 4)).isEqualTo("pong");
        }
        assertThat(streams.awaitEnd(LONG)).isTrue();
        assertThat(console).hasValue("printed, and more");
        assertThat(streams).hasToString("test-console, 17 bytes so far; test-output, 6 bytes so far");
        assertThatThrownBy(() -> streams.writeConsole(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> streams.channel().read(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
    }

    @Test
    void stopWaiting_withoutConnections_endsTheStreamsAndRemovesTheSockets() throws Exception {
        MachineStreams streams = start();
        streams.stopWaiting();
        assertThat(streams.awaitEnd(LONG)).isTrue();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void abandon_ofConnectedStreams_endsThem() throws Exception {
        MachineStreams streams = start();
        try (SocketChannel first = connect("console");
                SocketChannel second = connect("output");
                SocketChannel third = connect("sandbox")) {
            assertThat(streams.awaitConnection(LONG)).isTrue();
            assertThat(third.isOpen()).isTrue();
            streams.abandon();
            assertThat(streams.awaitEnd(LONG)).isTrue();
            assertThat(first.isOpen() && second.isOpen()).isTrue();
        }
    }

    @Test
    void bind_whereOneSocketCannotBeBound_leavesNone() throws Exception {
        Files.createFile(directory.resolve("output"));
        assertThatThrownBy(() -> StreamSockets.bind(directory, "console", "output", "sandbox"))
                .isInstanceOf(IOException.class);
        assertThat(directory.resolve("console")).doesNotExist();
    }
}
