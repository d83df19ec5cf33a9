package dev.construir.sandbox;

import static dev.construir.channel.HostilePeer.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.construir.channel.ChannelSession;
import dev.construir.channel.HostilePeer;
import dev.construir.channel.HostilePeer.Sent;
import dev.construir.job.Job;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forwarded ports whose guest a test plays, frame by frame. */
@Timeout(60)
class PortForwardTest {
    private static final int PING = 2;
    private static final int PONG = 3;
    private static final int OPEN = 16;
    private static final int STARTED = 17;
    private static final int DATA = 18;
    private static final int EOF = 19;
    private static final int WINDOW = 20;
    private static final int RESET = 23;
    private static final int INCOMING = 24;
    private static final int ENDED = 25;

    private static final int PIECE = 65_536;
    private static final int ROOM = 262_144;
    private static final int FIRST_ACCEPTED = 1 << 31;
    private static final int GUEST_PORT = 8080;

    private final HostilePeer peer = new HostilePeer();
    private final ChannelSession session = ChannelSession.start(peer, "construir-sandbox-test");
    private final MachineSandbox sandbox =
            MachineSandbox.ofFailed(Job.script("job", "exit 0"), new Connection(peer), session);
    private final List<AutoCloseable> open = new ArrayList<>();
    private int lastAccepted = FIRST_ACCEPTED - 1;

    /** A machine of which only the channel is used. */
    private record Connection(MachineChannel channel) implements MachineConnection {
        @Override
        public void checkpoint(Path directory) {
            throw new UnsupportedOperationException();
        }
    }

    @BeforeEach
    void greet() throws Exception {
        CompletableFuture<Void> answered = CompletableFuture.runAsync(peer::greet);
        session.greet("host", Duration.ofSeconds(30));
        answered.get();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        peer.close();
        sandbox.close();
    }

    private <T extends AutoCloseable> T closedLater(T resource) {
        open.add(resource);
        return resource;
    }

    // ---- the guest's side

    private Sent received() {
        return Objects.requireNonNull(peer.receive(), "the host has closed the channel");
    }

    /** Returns the next frame of a type; what comes before it is dropped. */
    private Sent received(int type) {
        Sent next = received();
        while (next.type() != type) {
            next = received();
        }
        return next;
    }

    private PortForward listen(InetSocketAddress target) throws Exception {
        CompletableFuture<PortForward> forward = listening(GUEST_PORT, target);
        peer.send(STARTED, 0, received(OPEN).stream(), number(GUEST_PORT));
        return closedLater(forward.get(30, TimeUnit.SECONDS));
    }

    private CompletableFuture<PortForward> listening(int port, InetSocketAddress target) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return sandbox.listen(port, target);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private int incoming(int listener) {
        lastAccepted++;
        peer.send(INCOMING, 0, listener, number(lastAccepted));
        return lastAccepted;
    }

    private void end(int stream) {
        peer.send(ENDED, 0, stream, HostilePeer.end());
    }

    /** The stream ends as a connection that is lost. */
    private void fail(int stream) {
        byte[] end = HostilePeer.end();
        end[0] = 2;
        peer.send(ENDED, 0, stream, end);
    }

    /** Waits until what was sent has been handled, and the port has taken its connections. */
    private void settle() throws Exception {
        CompletableFuture<Duration> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return sandbox.ping();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        byte[] bytes = new byte[8];
        received(PING).payload().get(bytes);
        peer.send(PONG, 0, 0, bytes);
        answer.get(30, TimeUnit.SECONDS);
        await().until(() -> threads("-listen-" + GUEST_PORT).stream()
                .allMatch(thread -> thread.getState() == Thread.State.WAITING));
    }

    private static List<Thread> threads(String suffix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("construir-sandbox-failed" + suffix))
                .toList();
    }

    // ---- the host's side

    private static ServerSocket server(int backlog) throws IOException {
        return new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
    }

    private static InetSocketAddress address(ServerSocket server) {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    private Socket connect(PortForward forward) throws IOException {
        Socket socket = closedLater(new Socket(InetAddress.getLoopbackAddress(), forward.port()));
        socket.setSoTimeout(30_000);
        return socket;
    }

    private int opened() {
        int stream = received(OPEN).stream();
        peer.send(STARTED, 0, stream, number(0));
        return stream;
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    private void sendData(int channel, int stream, byte[] bytes) {
        for (int from = 0; from < bytes.length; from += PIECE) {
            peer.send(DATA, channel, stream, Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PIECE)));
        }
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    // ---- ports of the guest

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536, Integer.MIN_VALUE, GUEST_PORT + 1})
    void listen_answeredWithAnotherPort_isRefused(int port) throws Exception {
        CompletableFuture<PortForward> forward = listening(GUEST_PORT, new InetSocketAddress("localhost", 1));
        int listener = received(OPEN).stream();
        peer.send(STARTED, 0, listener, number(port));
        assertThatThrownBy(() -> forward.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .rootCause()
                .isInstanceOf(SandboxException.class)
                .hasMessage("the guest cannot listen on port 8080: it answers with port " + port);
        assertThat(received(RESET).stream()).isEqualTo(listener);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 65_535})
    void listen_onAnyPort_takesWhatTheGuestHas(int port) throws Exception {
        CompletableFuture<PortForward> forward = listening(0, new InetSocketAddress("localhost", 1));
        peer.send(STARTED, 0, received(OPEN).stream(), number(port));
        assertThat(closedLater(forward.get(30, TimeUnit.SECONDS)).port()).isEqualTo(port);
    }

    @Test
    void incoming_endedAtOnce_makesNoMoreThan64Threads() throws Exception {
        ServerSocket deaf = closedLater(server(1));
        for (int i = 0; i < 2; i++) { // whose queue is full, so that connecting takes its time
            closedLater(new Socket(deaf.getInetAddress(), deaf.getLocalPort()));
        }
        listen(address(deaf));
        int listener = 1;
        int most = 0;
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 32; j++) {
                end(incoming(listener));
            }
            settle();
            most = Math.max(most, threads("-connect").size());
        }
        assertThat(most).isLessThanOrEqualTo(64);
        assertThat(sandbox.isOpen()).isTrue();
    }

    @Test
    void incoming_moreThanConnectAtOnce_areAllConnected() throws Exception {
        ServerSocket server = closedLater(server(200));
        listen(address(server));
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 40; j++) {
                incoming(1);
            }
            settle();
        }
        server.setSoTimeout(30_000);
        for (int i = 0; i < 200; i++) {
            closedLater(server.accept());
        }
    }

    @Test
    void incoming_dataOfASecondChannel_isDropped() throws Exception {
        ServerSocket server = closedLater(server(1));
        listen(address(server));
        int stream = incoming(1);
        sendData(2, stream, new byte[ROOM]);
        assertDropped(2, stream);
        sendData(1, 1, new byte[ROOM]);
        assertDropped(1, 1);
    }

    private void assertDropped(int channel, int stream) {
        int granted = 0;
        while (granted < ROOM) {
            Sent window = received(WINDOW);
            assertThat(window.stream()).isEqualTo(stream);
            assertThat(window.channel()).isEqualTo(channel);
            granted += window.payload().getInt();
        }
    }

    // ---- ports of the host

    @Test
    void connection_dataOfASecondChannel_isDropped() throws Exception {
        connect(closedLater(sandbox.forward(GUEST_PORT)));
        int stream = opened();
        sendData(2, stream, new byte[ROOM]);
        assertDropped(2, stream);
    }

    @Test
    void connection_answeredAndLostWhileTheClientSends_deliversTheAnswer() throws Exception {
        Socket client = connect(closedLater(sandbox.forward(GUEST_PORT)));
        int stream = opened();
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                client.getOutputStream().write(new byte[16 << 20]);
                client.shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        for (int taken = 0; taken < ROOM; ) {
            taken += received(DATA).payload().remaining(); // the rest waits
        }
        byte[] answer = noise(ROOM);
        sendData(1, stream, answer);
        peer.send(EOF, 1, stream);
        fail(stream);
        sent.get(30, TimeUnit.SECONDS); // it reads only then
        assertThat(Arrays.equals(client.getInputStream().readAllBytes(), answer))
                .isTrue();
    }

    @Test
    void connection_thatIsLost_isReset() throws Exception {
        Socket client = connect(closedLater(sandbox.forward(GUEST_PORT)));
        int stream = opened();
        sendData(1, stream, noise(1000));
        fail(stream);
        assertThat(client.getInputStream().readNBytes(1000)).isEqualTo(noise(1000));
        assertReset(client);
    }

    @Test
    void connection_ofALostSandbox_isReset() throws Exception {
        Socket client = connect(closedLater(sandbox.forward(GUEST_PORT)));
        int stream = opened();
        sendData(1, stream, noise(1000));
        assertThat(client.getInputStream().readNBytes(1000)).isEqualTo(noise(1000));
        peer.end(true);
        assertReset(client);
    }

    @Test
    void connection_thatIsRefused_ends() throws Exception {
        Socket client = connect(closedLater(sandbox.forward(GUEST_PORT)));
        fail(received(OPEN).stream());
        assertThat(client.getInputStream().read()).isNegative();
    }

    @Test
    void connection_resetByItsClient_hasNoEndInTheGuest() throws Exception {
        Socket client = connect(closedLater(sandbox.forward(GUEST_PORT)));
        int stream = opened();
        client.getOutputStream().write(1);
        assertThat(received().type()).isEqualTo(DATA);
        client.setSoLinger(true, 0);
        client.close();
        Sent next = received();
        assertThat(next.type()).isEqualTo(RESET);
        assertThat(next.stream()).isEqualTo(stream);
    }

    /** Fails before it accepts. */
    private static final class Failing extends ServerSocket {
        private final AtomicInteger failures = new AtomicInteger(3);
        private final boolean fatal;

        Failing(boolean fatal) throws IOException {
            super(0, 50, InetAddress.getLoopbackAddress());
            this.fatal = fatal;
        }

        @Override
        public Socket accept() throws IOException {
            if (fatal) {
                throw new OutOfMemoryError("unable to create native thread (for the test)");
            } else if (failures.getAndDecrement() > 0) {
                throw new SocketException("Too many open files (for the test)");
            }
            return super.accept();
        }
    }

    @Test
    void accept_thatFails_goesOn() throws Exception {
        Socket client = connect(closedLater(HostPort.open(sandbox, GUEST_PORT, new Failing(false))));
        int stream = opened();
        peer.send(DATA, 1, stream, (byte) 7);
        assertThat(client.getInputStream().read()).isEqualTo(7);
    }

    @Test
    void accept_withAnError_closesThePort() throws Exception {
        ServerSocket server = new Failing(true);
        closedLater(HostPort.open(sandbox, GUEST_PORT, server));
        await().until(server::isClosed);
    }
}
