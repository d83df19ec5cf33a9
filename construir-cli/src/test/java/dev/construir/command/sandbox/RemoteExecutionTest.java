package dev.construir.command.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.construir.command.sandbox.KeeperConnection.Kind;
import dev.construir.command.sandbox.KeeperConnection.Message;
import dev.construir.sandbox.Execution;
import dev.construir.sandbox.ExecutionEnd;
import dev.construir.terminal.ExecutionSession;
import dev.construir.terminal.Keyboard;
import dev.construir.terminal.ReaderGoneException;
import dev.construir.terminal.Screen;
import dev.construir.terminal.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command of another process, whose keeper is played. */
@Timeout(60)
class RemoteExecutionTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private ServerSocketChannel server;

    private interface Part {
        void play(KeeperConnection connection) throws IOException;
    }

    @BeforeEach
    void listen() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** Plays a keeper behind a request, which then closes the connection. */
    private CompletableFuture<Void> keeper(Part part) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try (KeeperConnection connection = new KeeperConnection(server.accept())) {
                assertThat(connection.receive().kind()).isEqualTo(Kind.REQUEST);
                part.play(connection);
            } catch (IOException | RuntimeException | Error e) { // which the test is to see
                gone.completeExceptionally(e);
            }
            gone.complete(null);
        });
        thread.setDaemon(true);
        thread.start();
        return gone;
    }

    private Execution start(boolean input) throws IOException {
        KeeperRequest request =
                new KeeperRequest(KeeperRequest.Kind.EXEC, List.of("echo", "ok"), Map.of(), "", "", input, -1, 0);
        return RemoteExecution.start(
                new KeeperConnection(SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("socket")))),
                request);
    }

    private ExecutionSession session(OutputStream to, boolean input) {
        Keyboard keyboard = new Keyboard(InputStream.nullInputStream(), false, "stty");
        Streams streams = new Streams(to, new PrintStream(err, true, StandardCharsets.UTF_8), false, false, keyboard);
        return new ExecutionSession(streams, new Screen(streams), input, false);
    }

    /** Starts a command that has ended before anything else is sent to it. */
    private Execution startToItsEnd(boolean input, CompletableFuture<Void> gone) throws IOException {
        Execution execution = start(input);
        try {
            gone.get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return execution;
    }

    private static void end(KeeperConnection connection, ExecutionEnd how) throws IOException {
        connection.send(Kind.END, KeeperEnd.of(how).encode());
    }

    @Test
    void aCommandThatIsQuick_hasItsOutputAndItsEnd() throws Exception {
        for (boolean input : List.of(false, true)) {
            out.reset();
            CompletableFuture<Void> gone = keeper(connection -> {
                connection.send(Kind.OUTPUT, "ok\n".getBytes(StandardCharsets.US_ASCII));
                end(connection, new ExecutionEnd.Exited(7));
            });
            int code = session(out, input).hold((rows, columns, term) -> startToItsEnd(input, gone));
            assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isEqualTo(7);
            assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("ok\n");
            assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        }
    }

    @Test
    void aRequestThatIsRefused_isExplained() throws Exception {
        CompletableFuture<Void> gone = keeper(connection -> connection.send(
                Kind.END, KeeperEnd.failed("\"\" is no name of a variable").encode()));
        int code = session(out, false).hold((rows, columns, term) -> startToItsEnd(false, gone));
        assertThat(code).isEqualTo(125);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("construir: the command could not be started: \"\" is no name of a variable\n");
    }

    @Test
    void whoseReaderGoesAway_endsByItsSignal() throws Exception {
        byte[] much = new byte[1 << 20];
        CompletableFuture<Void> gone = keeper(connection -> {
            connection.send(Kind.OUTPUT, "y\n".getBytes(StandardCharsets.US_ASCII));
            Message message = connection.receive();
            assertThat(message.kind()).isEqualTo(Kind.SIGNAL);
            assertThat(message.bytes()).containsExactly(13);
            connection.send(Kind.OUTPUT, much); // on its way when the signal came
            connection.send(Kind.OUTPUT, much);
            connection.send(Kind.ERRORS, "end\n".getBytes(StandardCharsets.US_ASCII));
            end(connection, new ExecutionEnd.Signalled(13));
        });
        OutputStream head = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new ReaderGoneException(new IOException("Broken pipe"));
            }
        };
        assertThat(session(head, false).hold((rows, columns, term) -> start(false)))
                .isEqualTo(141);
        gone.get(30, TimeUnit.SECONDS);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("end\n");
    }

    @Test
    void whoseKeeperDies_isLost() throws Exception {
        CompletableFuture<Void> gone = keeper(connection -> {});
        int code = session(out, false).hold((rows, columns, term) -> startToItsEnd(false, gone));
        assertThat(code).isEqualTo(125);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("construir: the command was lost: the keeper of the sandbox is gone\n");
    }
}
