package dev.construir.channel;

import static dev.construir.channel.HostilePeer.end;
import static dev.construir.channel.HostilePeer.frame;
import static dev.construir.channel.HostilePeer.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.construir.channel.ChannelSession.Loss;
import dev.construir.channel.HostilePeer.Sent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest keeps the rules of docs/reference/sandbox-channel.md, or breaks them one by one. */
@Timeout(60)
class ChannelSessionTest {
    private static final int HELLO = 1;
    private static final int PING = 2;
    private static final int PONG = 3;
    private static final int QUIESCE = 5;
    private static final int QUIET = 6;
    private static final int RESUME = 7;
    private static final int OPEN = 16;
    private static final int STARTED = 17;
    private static final int DATA = 18;
    private static final int EOF = 19;
    private static final int WINDOW = 20;
    private static final int SIGNAL = 21;
    private static final int RESET = 23;
    private static final int INCOMING = 24;
    private static final int ENDED = 25;

    private static final int ROOM = 262_144;
    private static final int FIRST_ACCEPTED = 1 << 31;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final HostilePeer peer = new HostilePeer();
    private ChannelSession session = ChannelSession.start(new HostilePeer(), "unused");

    @BeforeEach
    void start() {
        session.close();
        session = ChannelSession.start(peer, "construir-sandbox-test");
    }

    @AfterEach
    void stop() {
        session.close();
    }

    private void greet() throws Exception {
        CompletableFuture<Void> answered = CompletableFuture.runAsync(peer::greet);
        session.greet("host", LONG);
        answered.get();
    }

    private ChannelStream open() throws Exception {
        return open(OpenRequest.pack("/"));
    }

    private ChannelStream open(ByteBuffer request) throws Exception {
        ChannelStream stream = session.open(request, length -> {});
        assertThat(received().type()).isEqualTo(OPEN);
        return stream;
    }

    private Sent received() {
        return Objects.requireNonNull(peer.receive(), "the host has closed the channel");
    }

    private Loss loss() throws Exception {
        Loss loss = session.lost().get(30, TimeUnit.SECONDS);
        assertThat(peer.isClosed()).isTrue();
        return loss;
    }

    private void assertBroken(String why) throws Exception {
        assertThat(loss().why())
                .startsWith("the guest broke the rules of the sandbox channel: ")
                .contains(why);
        assertThat(loss().machineEnded()).isFalse();
    }

    // ---- guests that keep the rules

    @Test
    void greet_anAnswer_carriesSeedNonceAndName() throws Exception {
        CompletableFuture<Sent> hello = CompletableFuture.supplyAsync(() -> {
            Sent sent = received();
            peer.send(HELLO, 0, 0, HostilePeer.answer(sent, 1));
            return sent;
        });
        session.greet("name", LONG);
        ByteBuffer payload = hello.get().payload();
        assertThat(payload.remaining()).isEqualTo(4 + 4 + 16 + 32 + 4 + 4);
        assertThat(payload.getInt()).isEqualTo(0x434e5342);
        assertThat(payload.getInt()).isEqualTo(0x0001_0001);
        byte[] random = new byte[48];
        payload.get(random);
        assertThat(random).isNotEqualTo(new byte[48]);
        assertThat(payload.getInt()).isEqualTo(4);
    }

    @Test
    void stream_dataAndItsEnd_areRead() throws Exception {
        greet();
        ChannelStream stream = open();
        peer.send(STARTED, 0, stream.id(), number(77));
        peer.send(DATA, 1, stream.id(), (byte) 'o');
        peer.send(DATA, 2, stream.id(), (byte) 'e');
        peer.send(EOF, 1, stream.id());
        assertThat(stream.output().readAllBytes()).containsExactly('o');
        peer.send(ENDED, 0, stream.id(), end());
        assertThat(stream.errors().readAllBytes()).containsExactly('e');
        assertThat(stream.started().get()).isEqualTo(77);
        assertThat(stream.ended().get().how()).isEqualTo(StreamEnd.How.EXITED);
        assertThatThrownBy(() -> stream.input().write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void open_aLargeRequest_isDivided() throws Exception {
        greet();
        byte[] request = new byte[4 << 20];
        request[0] = 3;
        ChannelStream stream = session.open(ByteBuffer.wrap(request), length -> {});
        int length = 0;
        Sent piece = received();
        for (; piece.channel() == 1; piece = received()) {
            assertThat(piece.stream()).isEqualTo(stream.id());
            length += piece.payload().remaining();
        }
        assertThat(length + piece.payload().remaining()).isEqualTo(request.length);
        assertThatThrownBy(() -> session.open(ByteBuffer.allocate((4 << 20) + 1), n -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void read_aQuarterOfTheWindow_grantsItAgain() throws Exception {
        greet();
        ChannelStream stream = open();
        byte[] most = new byte[65_536];
        for (int i = 0; i < 4; i++) {
            peer.send(DATA, 1, stream.id(), most);
        }
        assertThat(stream.output().readNBytes(65_536)).hasSize(65_536);
        Sent window = received();
        assertThat(window.type()).isEqualTo(WINDOW);
        assertThat(window.channel()).isEqualTo(1);
        assertThat(window.payload().getInt()).isEqualTo(65_536);
        peer.send(DATA, 1, stream.id(), most);
        peer.send(EOF, 1, stream.id());
        assertThat(stream.output().readAllBytes()).hasSize(ROOM);
        assertThat(session.lost()).isNotDone();
    }

    @Test
    void receive_oneByteFramesUpToTheWindow_areAllThere() throws Exception {
        greet();
        ChannelStream stream = open();
        ByteBuffer one = frame(1, DATA, 1, stream.id(), (byte) 7);
        for (int i = 0; i < ROOM; i++) {
            peer.send(one);
        }
        peer.send(EOF, 1, stream.id());
        byte[] all = stream.output().readAllBytes();
        assertThat(all.length).isEqualTo(ROOM);
        assertThat(all[ROOM - 1]).isEqualTo((byte) 7);
    }

    @Test
    void write_moreThanTheWindow_waitsForMore() throws Exception {
        greet();
        ChannelStream stream = open();
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                stream.input().write(new byte[ROOM + 10]);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        int sent = 0;
        while (sent < ROOM) {
            sent += received().payload().remaining();
        }
        assertThat(sent).isEqualTo(ROOM);
        assertThat(written).isNotDone();
        peer.send(WINDOW, 0, stream.id(), number(100));
        assertThat(received().payload().remaining()).isEqualTo(10);
        written.get();
    }

    @Test
    void close_aStream_resetsItAndGrantsNoMore() throws Exception {
        greet();
        ChannelStream stream = open();
        stream.close();
        assertThat(received().type()).isEqualTo(RESET);
        for (int i = 0; i < 4; i++) {
            peer.send(DATA, 1, stream.id(), new byte[65_536]); // had crossed
        }
        peer.send(ENDED, 0, stream.id(), end());
        assertThat(stream.ended().get().code()).isZero();
        assertThat(session.lost()).isNotDone();
        CompletableFuture<Void> pong = CompletableFuture.runAsync(this::answerPing);
        assertThat(session.ping(LONG)).isPositive();
        pong.get();
    }

    private void answerPing() {
        Sent ping = received();
        assertThat(ping.type()).isEqualTo(PING); // and no WINDOW before
        byte[] bytes = new byte[ping.payload().remaining()];
        ping.payload().get(bytes);
        peer.send(PONG, 0, 0, bytes);
    }

    @Test
    void close_anOutput_grantsOnAndDrops() throws Exception {
        greet();
        ChannelStream stream = open();
        stream.output().close();
        for (int i = 0; i < 16; i++) {
            peer.send(DATA, 1, stream.id(), new byte[65_536]);
            assertThat(received().type()).isEqualTo(WINDOW);
        }
        assertThat(session.lost()).isNotDone();
    }

    @Test
    void quiesce_anAnswer_returns() throws Exception {
        greet();
        CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> {
            assertThat(received().type()).isEqualTo(QUIESCE);
            peer.send(QUIET, 0, 0);
        });
        session.quiesce(LONG);
        answer.get();
    }

    @Test
    void quiesce_givenUpAndAskedAgain_takesEachAnswerForItsQuestion() throws Exception {
        greet();
        ChannelStream stream = open();
        assertThatThrownBy(() -> session.quiesce(Duration.ofMillis(50))).isInstanceOf(TimeoutException.class);
        session.resume();
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            try {
                session.quiesce(LONG);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThat(List.of(received().type(), received().type(), received().type()))
                .containsExactly(QUIESCE, RESUME, QUIESCE);
        peer.send(QUIET, 0, 0); // the first one's
        peer.send(STARTED, 0, stream.id(), number(1));
        stream.started().get(); // so that has been read
        assertThat(second).isNotDone();
        peer.send(QUIET, 0, 0);
        second.get();
    }

    @Test
    void quiesce_twiceAtOnce_takesBothAnswers() throws Exception {
        greet();
        List<CompletableFuture<Void>> both = Stream.of(1, 2)
                .map(number -> CompletableFuture.runAsync(() -> {
                    try {
                        session.quiesce(LONG);
                        session.resume();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();
        int answered = 0;
        while (answered < 2) {
            if (received().type() == QUIESCE) {
                answered++;
                peer.send(QUIET, 0, 0);
            }
        }
        for (CompletableFuture<Void> one : both) {
            one.get();
        }
        assertThat(session.lost()).isNotDone();
    }

    @Test
    void ping_whileTheGuestIsSilent_doesNotCountThatTime() throws Exception {
        greet();
        CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> {
            assertThat(received().type()).isEqualTo(QUIESCE);
            peer.send(QUIET, 0, 0);
        });
        session.quiesce(LONG);
        answer.get();
        CompletableFuture<Duration> ping = CompletableFuture.supplyAsync(() -> {
            try {
                return session.ping(Duration.ofMillis(100));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertThatThrownBy(() -> ping.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        session.resume();
        assertThat(received().type()).isEqualTo(RESUME);
        Sent question = received();
        byte[] bytes = new byte[8];
        question.payload().get(bytes);
        peer.send(PONG, 0, 0, bytes);
        assertThat(ping.get()).isPositive();
    }

    @Test
    void ping_ofAGuestThatNeverFellSilent_isLostInTime() throws Exception {
        greet();
        assertThatThrownBy(() -> session.quiesce(Duration.ofMillis(50))).isInstanceOf(TimeoutException.class);
        session.resume();
        assertThatThrownBy(() -> session.ping(Duration.ofMillis(100)))
                .isInstanceOf(ChannelLostException.class)
                .hasMessageContaining("did not answer a ping");
    }

    @Test
    void accept_connectionsThatHaveEnded_doNotCount() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        for (int i = 0; i < 200; i++) {
            peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + i));
            peer.send(ENDED, 0, FIRST_ACCEPTED + i, end());
        }
        peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + 200));
        while (listener.accept().orElseThrow().id() != FIRST_ACCEPTED + 200) {
            assertThat(session.lost()).isNotDone();
        }
    }

    @Test
    void flood_ofWhatMustBeAnswered_byAGuestThatDoesNotRead_losesTheChannel() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        listener.close();
        peer.stopReading();
        CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 200_000 && !peer.isClosed(); i++) {
                peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + i));
                peer.send(ENDED, 0, FIRST_ACCEPTED + i, end());
            }
        });
        assertBroken("does not read its port");
        flood.get();
    }

    @Test
    void accept_aConnection_isAStream() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED));
        ChannelStream connection = listener.accept().orElseThrow();
        peer.send(DATA, 1, FIRST_ACCEPTED, (byte) 'x');
        assertThat(connection.output().read()).isEqualTo('x');
        connection.input().write('y');
        assertThat(received().stream()).isEqualTo(FIRST_ACCEPTED);
        peer.send(ENDED, 0, listener.id(), end());
        assertThat(listener.accept()).isEmpty();
    }

    @Test
    void lose_theMachineEnds_isSaidSo() throws Exception {
        greet();
        ChannelStream stream = open();
        peer.send(DATA, 1, stream.id(), (byte) 'x');
        peer.end(true);
        assertThat(loss()).isEqualTo(new Loss("the machine has ended", true));
        assertThat(stream.output().read()).isEqualTo('x');
        assertThatThrownBy(() -> stream.output().read()).isInstanceOf(ChannelLostException.class);
        assertThatThrownBy(() -> stream.input().write(1)).isInstanceOf(ChannelLostException.class);
        assertThatThrownBy(this::open).isInstanceOf(ChannelLostException.class);
        assertThatThrownBy(() -> session.ping(LONG)).isInstanceOf(ChannelLostException.class);
        assertThat(stream.started()).isCompletedExceptionally();
    }

    @Test
    void lose_theMachineEndsInAFrame_isTheMachinesEnd() throws Exception {
        greet();
        ChannelStream stream = open();
        peer.send(frame(1000, DATA, 1, stream.id(), (byte) 'x'));
        peer.end(true);
        assertThat(loss()).isEqualTo(new Loss("the machine has ended", true));
    }

    @Test
    void halfAFrameAndSilence_stopsNothingElse() throws Exception {
        greet();
        ChannelStream stream = open();
        peer.send(frame(1000, DATA, 1, stream.id(), (byte) 'x'));
        stream.input().write('y');
        assertThat(received().type()).isEqualTo(DATA);
        assertThatThrownBy(() -> session.ping(Duration.ofMillis(100)))
                .isInstanceOf(ChannelLostException.class)
                .hasMessageContaining("did not answer a ping within 100 ms");
        assertThat(loss().machineEnded()).isFalse();
    }

    @Test
    void close_twice_isQuiet() throws Exception {
        greet();
        session.close();
        session.close();
        assertThat(loss().why()).isEqualTo("the sandbox was closed");
        assertThatThrownBy(() -> session.greet("", LONG)).isInstanceOf(ChannelLostException.class);
    }

    @Test
    void reading_afterClose_saysWhyItWasClosed() throws Exception {
        greet();
        ChannelStream stream = open();
        session.close("enough");
        assertThatThrownBy(() -> stream.output().read())
                .isInstanceOf(ChannelLostException.class)
                .hasMessage("enough");
    }

    // ---- greetings of others

    private CompletableFuture<Throwable> greeting() {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        session.greet("host", LONG);
                        thrown.complete(new AssertionError("greeted"));
                    } catch (Exception e) {
                        thrown.complete(e);
                    }
                })
                .start();
        return thrown;
    }

    private static Arguments answer(String why, Consumer<byte[]> change) {
        return Arguments.of(why, change);
    }

    static Stream<Arguments> wrongAnswers() {
        return Stream.of(
                answer("another machine", answer -> answer[23] ^= 1),
                answer("another language", answer -> answer[0] = 'X'),
                answer("its highest version is 7", answer -> {
                    answer[5] = 0;
                    answer[7] = 7;
                }),
                answer("only version 1", answer -> answer[5] = 2));
    }

    @ParameterizedTest
    @MethodSource("wrongAnswers")
    void greet_aWrongAnswer_isLost(String why, Consumer<byte[]> change) throws Exception {
        CompletableFuture<Throwable> thrown = greeting();
        byte[] answer = HostilePeer.answer(received(), 1);
        change.accept(answer);
        peer.send(HELLO, 0, 0, answer);
        assertThat(thrown.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ChannelLostException.class)
                .hasMessageContaining(why);
        assertBroken(why);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 25, 65_536})
    void greet_anAnswerOfAnotherLength_isLost(int length) throws Exception {
        CompletableFuture<Throwable> thrown = greeting();
        assertThat(received().type()).isEqualTo(HELLO);
        peer.send(HELLO, 0, 0, new byte[length]);
        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(ChannelLostException.class);
        assertBroken("a greeting of " + length + " bytes");
    }

    @Test
    void greet_noAnswer_isLost() throws Exception {
        assertThatThrownBy(() -> session.greet("host", Duration.ofMillis(50)))
                .isInstanceOf(ChannelLostException.class)
                .hasMessageContaining("did not answer on its sandbox channel within 50 ms");
        assertThat(loss().machineEnded()).isFalse();
    }

    @Test
    void greet_somethingBeforeTheAnswer_isLost() throws Exception {
        CompletableFuture<Throwable> thrown = greeting();
        peer.send(PONG, 0, 0);
        assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(ChannelLostException.class);
        assertBroken("a frame PONG before the greeting");
    }

    @Test
    void greeting_unasked_isLost() throws Exception {
        peer.send(HELLO, 0, 0, new byte[24]);
        assertBroken("a greeting that answers none");
    }

    @Test
    void greeting_twice_isLost() throws Exception {
        greet();
        peer.send(HELLO, 0, 0, new byte[24]);
        assertBroken("a greeting that answers none");
    }

    // ---- guests that break the rules behind the greeting

    /** Sends what no guest sends, on stream 1 if it wants one. */
    @FunctionalInterface
    interface Breach {
        void by(HostilePeer peer);
    }

    private static Arguments breach(String why, Breach breach) {
        return Arguments.of(why, breach);
    }

    private static byte[] endOf(int how, int code, int length, int message) {
        return ByteBuffer.allocate(40 + length)
                .put((byte) how)
                .put((byte) 0)
                .putShort((short) code)
                .putLong(-1)
                .putLong(Long.MAX_VALUE)
                .putLong(-1)
                .putLong(1)
                .putInt(message)
                .array();
    }

    static Stream<Arguments> breaches() {
        return Stream.of(
                breach("a frame of type 0, which no guest sends", peer -> peer.send(0, 0, 1)),
                breach("a frame of type 2,", peer -> peer.send(PING, 0, 0)),
                breach("a frame of type 16,", peer -> peer.send(OPEN, 0, 1, (byte) 3)),
                breach("a frame of type 23,", peer -> peer.send(RESET, 0, 1)),
                breach("a frame of type 255,", peer -> peer.send(255, 0, 1)),
                breach("a frame of 65537 bytes", peer -> peer.send(frame(65_537, DATA, 1, 1))),
                breach("a frame of 4294967295 bytes", peer -> peer.send(frame(-1, DATA, 1, 1))),
                breach(
                        "reserved bytes",
                        peer -> peer.send(frame(1, DATA, 1, 1, (byte) 1).put(7, (byte) 1))),
                breach("stream 0, which is not open", peer -> peer.send(DATA, 1, 0, (byte) 1)),
                breach("stream 2, which is not open", peer -> peer.send(DATA, 1, 2, (byte) 1)),
                breach("stream 2147483648, which", peer -> peer.send(EOF, 1, FIRST_ACCEPTED)),
                breach("stream 4294967295, which", peer -> peer.send(ENDED, 0, -1, end())),
                breach("a second start", peer -> {
                    peer.send(STARTED, 0, 1, number(1));
                    peer.send(STARTED, 0, 1, number(1));
                }),
                breach("STARTED of 3 bytes", peer -> peer.send(STARTED, 0, 1, new byte[3])),
                breach("stream 1, which is not open", peer -> {
                    peer.send(ENDED, 0, 1, end());
                    peer.send(ENDED, 0, 1, end());
                }),
                breach("an end of 0 bytes", peer -> peer.send(ENDED, 0, 1)),
                breach("an end of kind 3", peer -> peer.send(ENDED, 0, 1, endOf(3, 0, 0, 0))),
                breach("an end of kind -1", peer -> peer.send(ENDED, 0, 1, endOf(255, 0, 0, 0))),
                breach("with code 256", peer -> peer.send(ENDED, 0, 1, endOf(0, 256, 0, 0))),
                breach("kind 1 with code 0", peer -> peer.send(ENDED, 0, 1, endOf(1, 0, 0, 0))),
                breach("kind 1 with code 65", peer -> peer.send(ENDED, 0, 1, endOf(1, 65, 0, 0))),
                breach("message has 5 bytes and not 6", peer -> peer.send(ENDED, 0, 1, endOf(2, 1, 5, 6))),
                breach("message has 0 bytes and not -1", peer -> peer.send(ENDED, 0, 1, endOf(2, 1, 0, -1))),
                breach("message has 1025 bytes", peer -> peer.send(ENDED, 0, 1, endOf(2, 1, 1025, 1025))),
                breach("1 bytes of data, where there is room for 0", peer -> {
                    for (int i = 0; i < 4; i++) {
                        peer.send(DATA, 1, 1, new byte[65_536]);
                    }
                    peer.send(DATA, 1, 1, (byte) 1);
                }),
                breach("65536 bytes of data, where there is room for 65535", peer -> {
                    peer.send(DATA, 2, 1, (byte) 1);
                    for (int i = 0; i < 4; i++) {
                        peer.send(DATA, 2, 1, new byte[65_536]);
                    }
                }),
                breach("data of 0 bytes", peer -> {
                    for (int i = 0; i < 1_000_000 && !peer.isClosed(); i++) {
                        peer.send(DATA, 1, 1);
                    }
                }),
                breach("data behind the end", peer -> {
                    peer.send(EOF, 1, 1);
                    peer.send(DATA, 1, 1, (byte) 1);
                }),
                breach("a second end of a channel", peer -> {
                    peer.send(EOF, 2, 1);
                    peer.send(EOF, 2, 1);
                }),
                breach("EOF with a payload", peer -> peer.send(EOF, 1, 1, (byte) 1)),
                breach("DATA of channel 0", peer -> peer.send(DATA, 0, 1, (byte) 1)),
                breach("DATA of channel 3", peer -> peer.send(DATA, 3, 1, (byte) 1)),
                breach("DATA of channel 255", peer -> peer.send(DATA, 255, 1, (byte) 1)),
                breach("a window of channel 1", peer -> peer.send(WINDOW, 1, 1, number(1))),
                breach("a window of 0 bytes", peer -> peer.send(WINDOW, 0, 1, number(0))),
                breach("a window of 1 bytes", peer -> peer.send(WINDOW, 0, 1, number(1))),
                breach("a window of 4294967295 bytes", peer -> peer.send(WINDOW, 0, 1, number(-1))),
                breach("WINDOW of 8 bytes", peer -> peer.send(WINDOW, 0, 1, new byte[8])),
                breach("a ping that was not sent", peer -> peer.send(PONG, 0, 0)),
                breach("a silence that was not asked for", peer -> peer.send(QUIET, 0, 0)),
                breach("QUIET with a payload", peer -> peer.send(QUIET, 0, 0, (byte) 1)),
                breach("does not listen", peer -> peer.send(INCOMING, 0, 1, number(FIRST_ACCEPTED))),
                breach("a connection by the number 5", peer -> peer.send(INCOMING, 0, 1, number(5))),
                breach("INCOMING of 0 bytes", peer -> peer.send(INCOMING, 0, 1)),
                breach("stream 3, which is not open", peer -> peer.send(INCOMING, 0, 3, number(FIRST_ACCEPTED))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("breaches")
    void breach_ofARule_losesTheChannel(String why, Breach breach) throws Exception {
        greet();
        ChannelStream stream = open();
        breach.by(peer);
        assertBroken(why);
        assertThatThrownBy(() -> stream.input().write(1)).isInstanceOf(IOException.class);
        assertThat(stream.ended())
                .satisfiesAnyOf(
                        ended -> assertThat(ended).isCompletedExceptionally(),
                        ended -> assertThat(ended).isCompleted());
    }

    @Test
    void pong_withOtherBytes_losesTheChannel() throws Exception {
        greet();
        CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> {
            received();
            peer.send(PONG, 0, 0, new byte[8]);
        });
        assertThatThrownBy(() -> session.ping(LONG))
                .isInstanceOf(ChannelLostException.class)
                .hasMessageContaining("a ping that was not sent"); // at once, not after the limit
        answer.get();
        assertBroken("a ping that was not sent");
    }

    @Test
    void incoming_moreThanAreAccepted_losesTheChannel() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        for (int i = 0; i <= 64; i++) {
            peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + i));
        }
        assertBroken("more than 64 connections at once");
        assertThat(listener.accept()).isEmpty();
    }

    @Test
    void incoming_moreThanHaveEnded_losesTheChannel() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        List<ChannelStream> accepted = new CopyOnWriteArrayList<>();
        for (int i = 0; i <= 1024; i++) {
            peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + i));
            listener.accept().ifPresent(connection -> {
                accepted.add(connection);
                connection.close();
            });
        }
        assertBroken("more than 1024 connections that have not ended");
        assertThat(accepted).hasSize(1024);
    }

    @Test
    void incoming_onAListenerThatIsClosed_isResetAndBounded() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        listener.close();
        assertThat(received().type()).isEqualTo(RESET);
        for (int i = 0; i <= 1024; i++) {
            peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + i));
        }
        assertBroken("more than 1024 connections that have not ended");
    }

    @Test
    void incoming_byNumbersThatDoNotGrow_losesTheChannel() throws Exception {
        greet();
        ChannelStream listener = open(OpenRequest.listen(80));
        peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + 1));
        peer.send(INCOMING, 0, listener.id(), number(FIRST_ACCEPTED + 1));
        assertBroken("a connection by the number 2147483649");
    }

    @Test
    void ended_withAMessageOfControlCharacters_isKeptAsItIs() throws Exception {
        greet();
        ChannelStream stream = open();
        byte[] message = "\u001b[2Jno".getBytes(StandardCharsets.UTF_8);
        byte[] end = endOf(2, 12, message.length, message.length);
        System.arraycopy(message, 0, end, 40, message.length);
        peer.send(ENDED, 0, stream.id(), end);
        StreamEnd how = stream.ended().get();
        assertThat(how.how()).isEqualTo(StreamEnd.How.FAILED);
        assertThat(how.code()).isEqualTo(12);
        assertThat(how.userTime()).isZero();
        assertThat(how.systemTime()).isZero();
        assertThat(how.maxMemory()).isZero();
        assertThat(how.duration()).isEqualTo(Duration.ofNanos(1000));
        assertThat(stream.started()).isCompletedExceptionally();
    }

    @Test
    void flood_ofPongs_losesTheChannelAtTheFirst() throws Exception {
        greet();
        ByteBuffer pong = frame(64, PONG, 0, 0, new byte[64]);
        for (int i = 0; i < 1_000_000 && !peer.isClosed(); i++) {
            peer.send(pong);
        }
        assertBroken("a ping that was not sent");
    }

    @Test
    void bytesOneByOne_areFrames() throws Exception {
        greet();
        ChannelStream stream = open();
        byte[] bytes =
                frame(3, DATA, 1, stream.id(), (byte) 1, (byte) 2, (byte) 3).array();
        for (byte b : bytes) {
            peer.send(ByteBuffer.wrap(new byte[] {b}));
        }
        assertThat(stream.output().readNBytes(3)).containsExactly(1, 2, 3);
    }

    @Test
    void manyStreams_withFullWindows_needNoMoreThanTheirWindows() throws Exception {
        greet();
        List<ChannelStream> streams = new CopyOnWriteArrayList<>();
        byte[] piece = new byte[65_536];
        for (int i = 0; i < 16; i++) {
            streams.add(open());
        }
        for (ChannelStream stream : streams) {
            for (int i = 0; i < 4; i++) {
                peer.send(DATA, 1, stream.id(), piece);
                peer.send(DATA, 2, stream.id(), piece);
            }
        }
        for (ChannelStream stream : streams) {
            assertThat(stream.output().readNBytes(ROOM)).hasSize(ROOM);
            assertThat(stream.errors().readNBytes(ROOM)).hasSize(ROOM);
        }
    }
}
