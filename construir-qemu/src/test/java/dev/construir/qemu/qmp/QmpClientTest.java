package dev.construir.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.construir.backend.ListeningSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class QmpClientTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final List<String> GARBAGE = List.of(
            "[1]",
            "{",
            "{} {}",
            "hello",
            "{\"event\": {}}",
            "{'event': 'X'}",
            "{\"event\": \"STOP\", \"data\": []}",
            "{\"event\": null}",
            "{\"return\": {}, \"id\": \"x\"}",
            "{\"return\": {}, \"id\": null}",
            "{\"return\": {}, \"id\": []}",
            "{\"error\": \"x\", \"id\": 1}",
            "{\"error\": {\"desc\": {}}, \"id\": 1}");

    @TempDir
    Path directory;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private QmpClient client;
    private SocketChannel qemu;

    @BeforeEach
    void connect() throws Exception {
        client = QmpClient.start(ListeningSocket.bind(directory, "qmp"), "test-qmp", new QmpListener() {
            @Override
            public void event(QmpEvent event) {
                if (event.name().equals("FAIL")) {
                    throw new IllegalStateException();
                }
                heard.add(event.name() + event.data());
            }

            @Override
            public void broken(QmpException why) {
                heard.add("broken: " + why.getMessage());
            }

            @Override
            public void closed() {
                heard.add("closed");
            }
        });
        qemu = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("qmp")));
    }

    @AfterEach
    void close() throws Exception {
        qemu.close();
        client.close();
    }

    @Test
    void handsOnEventsInOrderAndMatchesAnswersById() throws Exception {
        negotiate();
        CompletableFuture<?> one = client.send("one", new JsonObject());
        CompletableFuture<?> two = client.send("two", new JsonObject());
        say("""
                {"event": "A", "data": {"x": 1}}
                {"return": 22, "id": 3}
                {"event": "B"}
                {"error": {"class": "C", "desc": "no"}, "id": 2}
                {"return": 0, "id": 99}
                {"later": 1}
                """);
        assertThat(two.get()).hasToString("22");
        assertThatThrownBy(one::get).hasMessageContaining("refused one: no");
        assertThat(heard.take()).isEqualTo("A{\"x\":1}");
        assertThat(heard.take()).isEqualTo("B{}");
    }

    @Test
    void doesNotWaitForAnAnswerForEver() throws Exception {
        assertThatThrownBy(() -> client.negotiate(Duration.ofMillis(50)))
                .isInstanceOf(QmpException.class)
                .hasMessageMatching("the QMP handshake failed: QEMU did not (connect|greet) within 50 ms");
        say("{\"QMP\": {}}\n{\"event\": \"A\"}\n");
        heard.take(); // and with it the greeting before it
        assertThatThrownBy(() -> client.negotiate(Duration.ofMillis(50)))
                .isInstanceOf(QmpException.class)
                .hasMessageContaining("did not answer qmp_capabilities within 50 ms");
    }

    @Test
    void anInterruptedThreadSendsAndNothingBreaks() throws Exception {
        negotiate();
        Thread.currentThread().interrupt();
        CompletableFuture<?> one = client.send("one", new JsonObject());
        assertThat(Thread.interrupted()).isTrue();
        ByteBuffer command = ByteBuffer.allocate(1000);
        assertThat(qemu.read(command)).isPositive();
        say("{\"return\": 1, \"id\": 2}\n");
        assertThat(one.get(20, TimeUnit.SECONDS)).hasToString("1");
        assertThat(heard).isEmpty();
    }

    @Test
    void failsWhatIsUnderWayWhenTheConnectionEnds() throws Exception {
        negotiate();
        CompletableFuture<?> one = client.send("one", new JsonObject());
        qemu.read(ByteBuffer.allocate(1000));
        qemu.close();
        assertThatThrownBy(one::get).hasMessageContaining("no answer to one");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("closed");
        assertThat(client.send("two", new JsonObject())).isCompletedExceptionally();
    }

    @Test
    void refusesWhatIsNoQmp() throws Exception {
        for (String garbage : GARBAGE) {
            assertThatThrownBy(() -> QmpMessage.parse(garbage)).as(garbage).isInstanceOf(QmpException.class);
        }
        assertThatThrownBy(() -> QmpMessage.parse("[".repeat(100_000))).isInstanceOf(QmpException.class);
    }

    @Test
    void aMalformedReplyBreaksTheConnectionAloud() throws Exception {
        negotiate();
        CompletableFuture<?> one = client.send("one", new JsonObject());
        say("{\"return\": {}, \"id\": \"x\"}\n");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("broken: ").contains("no QMP");
        assertThatThrownBy(one::get).hasMessageContaining("no answer to one");
    }

    @Test
    void aListenerThatFailsBreaksTheConnectionAloud() throws Exception {
        negotiate();
        say("{\"event\": \"FAIL\"}\n");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("broken: ").contains("FAIL");
    }

    @Test
    void refusesAnEventBeforeTheGreeting() throws Exception {
        say("{\"event\": \"A\"}\n");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("broken: ").contains("before its greeting");
        assertThatThrownBy(() -> client.negotiate(LONG)).isInstanceOf(QmpException.class);
    }

    @Test
    void refusesALineWithoutEnd() throws Exception {
        say("{\"QMP\": {}}\n");
        say("x".repeat(QmpClient.LONGEST_LINE + 1));
        assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("broken: ").contains("more than 1048576 bytes");
    }

    private void negotiate() throws Exception {
        say("{\"QMP\": {}}\r\n");
        CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
            try {
                qemu.read(ByteBuffer.allocate(1000)); // the command
                say("{\"return\": {}, \"id\": 1}\n");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        client.negotiate(LONG);
        answered.join();
    }

    private void say(String text) throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            qemu.write(bytes);
        }
    }
}
