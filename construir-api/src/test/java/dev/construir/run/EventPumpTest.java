package dev.construir.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.machine.MachineExit;
import dev.construir.machine.Preparation;
import dev.construir.run.RunEvent.JobEnded;
import dev.construir.run.RunEvent.JobStarted;
import dev.construir.run.RunEvent.Output;
import dev.construir.run.RunEvent.Queued;
import dev.construir.thread.Uninterrupted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EventPumpTest {
    private static final Instant NOW = Instant.EPOCH;
    private static final int CAPACITY = 1 << 20;
    private static final Job JOB = Job.script("test", "true");
    private static final String RUN = "job-0123456789ab";

    private final List<RunEvent> heard = new CopyOnWriteArrayList<>();

    private static EventPump start(RunListener listener) {
        return start(listener, Duration.ofSeconds(30)); // a busy host is no stuck listener
    }

    private static EventPump startImpatiently(RunListener listener) {
        return start(listener, Duration.ofMillis(200));
    }

    private static EventPump start(RunListener listener, Duration patience) {
        return start(listener, Duration.ZERO, patience);
    }

    private static EventPump start(RunListener listener, Duration stall, Duration patience) {
        return EventPump.start(
                listener, Thread::new, JOB, RUN, new EventPump.Policy(DataSize.ofBytes(CAPACITY), stall, patience));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private String output() {
        StringBuilder text = new StringBuilder();
        for (RunEvent event : heard) {
            if (event instanceof Output output) {
                text.append(StandardCharsets.UTF_8.decode(output.bytes().duplicate()));
            }
        }
        return text.toString();
    }

    @Test
    void bringsEverythingInOrder() {
        try (EventPump pump = start(heard::add)) {
            pump.add(new Queued(NOW, JOB, RUN));
            pump.output(NOW, bytes("one "));
            pump.output(NOW, bytes("two"));
            pump.add(new JobEnded(NOW, JOB, RUN));
            pump.output(NOW, bytes(" three"));
        }
        assertThat(heard.get(0)).isInstanceOf(Queued.class);
        assertThat(output()).isEqualTo("one two three");
        int ended = heard.indexOf(new JobEnded(NOW, JOB, RUN));
        assertThat(((Output) heard.get(ended - 1)).bytes().remaining()).isPositive();
        assertThat(heard.get(heard.size() - 1)).isInstanceOf(Output.class);
    }

    @Test
    void keepsBackUntilReleased() {
        try (EventPump pump = start(heard::add)) {
            pump.add(new Queued(NOW, JOB, RUN));
            pump.hold();
            pump.output(NOW, bytes("early"));
            pump.add(new JobEnded(NOW, JOB, RUN));
            pump.release(new JobStarted(NOW, JOB, RUN));
            pump.output(NOW, bytes(" late"));
        }
        assertThat(heard).hasSize(5);
        assertThat(heard.get(1)).isEqualTo(new JobStarted(NOW, JOB, RUN));
        assertThat(output()).isEqualTo("early late");
    }

    @Test
    void whatIsPreparedIsNotKeptBackAndOnlyTheLatestOfAStageWaits() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        RunListener slow = event -> {
            Uninterrupted.run(gate::await);
            heard.add(event);
        };
        Preparation reading = Preparation.of(Preparation.Stage.READING, "root.img");
        Preparation booting = Preparation.of(Preparation.Stage.BOOTING, "a machine");
        try (EventPump pump = start(slow)) {
            pump.add(new Queued(NOW, JOB, RUN));
            pump.hold();
            pump.output(NOW, bytes("early"));
            for (int percent = 0; percent <= 100; percent++) {
                pump.preparing(new RunEvent.Preparing(NOW, JOB, RUN, reading.withFraction(percent / 100.0)));
            }
            pump.preparing(new RunEvent.Preparing(NOW, JOB, RUN, booting));
            pump.release(new JobStarted(NOW, JOB, RUN));
            gate.countDown();
        }
        assertThat(heard.subList(0, 4))
                .containsExactly(
                        new Queued(NOW, JOB, RUN),
                        new RunEvent.Preparing(NOW, JOB, RUN, reading.withFraction(1)),
                        new RunEvent.Preparing(NOW, JOB, RUN, booting),
                        new JobStarted(NOW, JOB, RUN));
        assertThat(output()).isEqualTo("early");
    }

    @Test
    void aSlowListenerLosesOutputAndIsTold() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        RunListener slow = event -> {
            heard.add(event);
            entered.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        long given = 10L * CAPACITY;
        try (EventPump pump = start(slow)) {
            pump.add(new Queued(NOW, JOB, RUN));
            entered.await();
            ByteBuffer chunk = ByteBuffer.allocate(100_000);
            for (long sent = 0; sent < given; sent += chunk.capacity()) {
                pump.output(NOW, chunk.duplicate().limit((int) Math.min(chunk.capacity(), given - sent)));
            }
            pump.add(new JobEnded(NOW, JOB, RUN));
            pump.add(new RunEvent.MachineGone(NOW, JOB, RUN, new MachineExit.PoweredOff()));
            gate.countDown();
            assertThat(pump.finish()).isEqualTo(given - CAPACITY);
        }
        long taken = 0;
        long dropped = 0;
        for (RunEvent event : heard) {
            if (event instanceof Output output) {
                taken += output.bytes().remaining();
                dropped += output.droppedBefore();
            }
        }
        assertThat(taken).isEqualTo(CAPACITY);
        assertThat(heard).contains(new JobEnded(NOW, JOB, RUN));
        assertThat(dropped).isEqualTo(given - CAPACITY);
    }

    @Test
    void whatIsLeftOutIsCountedBeforeTheNextOutput() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch queuedHeard = new CountDownLatch(1);
        RunListener listener = event -> {
            if (event instanceof Queued) {
                queuedHeard.countDown();
                Uninterrupted.run(gate::await);
            }
            heard.add(event);
        };
        CountDownLatch drained = new CountDownLatch(1);
        RunListener signalling = event -> {
            listener.on(event);
            if (event instanceof JobStarted) {
                drained.countDown();
            }
        };
        try (EventPump pump = start(signalling)) {
            pump.add(new Queued(NOW, JOB, RUN));
            queuedHeard.await();
            pump.output(NOW, ByteBuffer.allocate(CAPACITY + 777));
            pump.add(new JobStarted(NOW, JOB, RUN));
            gate.countDown();
            drained.await();
            pump.output(NOW, bytes("next"));
        }
        Output last = (Output) heard.get(heard.size() - 1);
        assertThat(last.droppedBefore()).isEqualTo(777);
        assertThat(StandardCharsets.UTF_8.decode(last.bytes().duplicate()).toString())
                .isEqualTo("next");
    }

    @Test
    void whatIsLeftOutAtTheEndIsCountedToo() {
        CountDownLatch gate = new CountDownLatch(1);
        try (EventPump pump = start(event -> {
            Uninterrupted.run(gate::await);
            heard.add(event);
        })) {
            pump.add(new Queued(NOW, JOB, RUN));
            pump.output(NOW, ByteBuffer.allocate(CAPACITY + 5));
            pump.add(new RunEvent.MachineGone(NOW, JOB, RUN, new MachineExit.PoweredOff()));
            gate.countDown();
        }
        Output last = (Output) heard.get(heard.size() - 2);
        assertThat(last.droppedBefore()).isEqualTo(5);
        assertThat(last.bytes().remaining()).isZero();
    }

    @Test
    void anErrorInAListenerIsNotTheEnd() {
        try (EventPump pump = start(event -> {
            heard.add(event);
            throw new AssertionError("on purpose");
        })) {
            pump.add(new JobStarted(NOW, JOB, RUN));
            pump.add(new JobEnded(NOW, JOB, RUN));
        }
        assertThat(heard).hasSize(2);
    }

    @Test
    void manyTinyWritesCostNoMoreThanTheirBytes() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        RunListener listener = event -> {
            entered.countDown();
            Uninterrupted.run(gate::await);
            heard.add(event);
        };
        try (EventPump pump = start(listener)) {
            pump.add(new Queued(NOW, JOB, RUN));
            entered.await();
            for (int i = 0; i < CAPACITY; i++) {
                pump.output(NOW, ByteBuffer.wrap(new byte[] {(byte) i}));
            }
            gate.countDown();
        }
        assertThat(heard).hasSize(1 + CAPACITY / (64 << 10));
        int next = 0;
        for (RunEvent event : heard.subList(1, heard.size())) {
            for (ByteBuffer bytes = ((Output) event).bytes(); bytes.hasRemaining(); next++) {
                assertThat(bytes.get()).isEqualTo((byte) next);
            }
        }
        assertThat(next).isEqualTo(CAPACITY);
    }

    @Test
    void whatTheListenerWasNotGivenIsCounted() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        EventPump pump = startImpatiently(event -> {
            entered.countDown();
            Uninterrupted.run(new CountDownLatch(1)::await);
        });
        pump.add(new Queued(NOW, JOB, RUN));
        entered.await();
        pump.output(NOW, ByteBuffer.allocate(CAPACITY + 5)); // of which it hears nothing, as it never returns
        assertThat(pump.finish()).isEqualTo(CAPACITY + 5);
    }

    @Test
    void patienceRunsOutOnce() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        PrintStream stderr = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8)); // where the log goes
        try (EventPump pump = startImpatiently(event -> Uninterrupted.run(gate::await))) { // an interrupt is no help
            pump.add(new JobStarted(NOW, JOB, RUN));
            assertThat(pump.finish()).isZero();
            pump.close();
            gate.countDown();
        } finally {
            System.setErr(stderr);
        }
        assertThat(told.toString(StandardCharsets.UTF_8)).containsOnlyOnce("a listener has not returned for 200 ms");
    }

    @Test
    void aListenerThatIsInterruptedByItselfHearsTheRest() {
        try (EventPump pump = start(event -> {
            heard.add(event);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            Thread.currentThread().interrupt();
        })) {
            pump.add(new JobStarted(NOW, JOB, RUN));
            await().until(() -> heard.size() == 1);
            pump.output(NOW, bytes("text"));
            await().until(() -> heard.size() == 2);
            pump.add(new JobEnded(NOW, JOB, RUN));
        }
        assertThat(heard).hasSize(3);
        assertThat(output()).isEqualTo("text");
    }

    @ParameterizedTest
    @ValueSource(classes = {OutOfMemoryError.class, StackOverflowError.class, IOException.class})
    void whateverAListenerThrowsIsNotTheEnd(Class<? extends Throwable> kind) throws Exception {
        Throwable thrown = kind.getConstructor(String.class).newInstance("on purpose");
        PrintStream stderr = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8)); // where the log goes
        try (EventPump pump = start(event -> {
            heard.add(event);
            EventPumpTest.<RuntimeException>sneak(thrown);
        })) {
            pump.add(new JobStarted(NOW, JOB, RUN));
            pump.add(new JobEnded(NOW, JOB, RUN));
            assertThat(pump.finish()).isZero();
        } finally {
            System.setErr(stderr);
        }
        assertThat(heard).hasSize(2);
        assertThat(told.toString(StandardCharsets.UTF_8)).containsOnlyOnce("a listener failed");
    }

    @SuppressWarnings("unchecked") // which is how a checked exception gets through
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void aThrowingListenerHearsTheRest() {
        RunListener throwing = event -> {
            heard.add(event);
            throw new IllegalStateException("on purpose");
        };
        try (EventPump pump = start(throwing)) {
            pump.add(new JobStarted(NOW, JOB, RUN));
            pump.add(new JobEnded(NOW, JOB, RUN));
        }
        assertThat(heard).containsExactly(new JobStarted(NOW, JOB, RUN), new JobEnded(NOW, JOB, RUN));
    }

    @Test
    void aListenerThatNeverReturnsIsLeftBehind() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        EventPump pump = startImpatiently(event -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                heard.add(event);
            }
        });
        pump.add(new JobStarted(NOW, JOB, RUN));
        pump.add(new JobEnded(NOW, JOB, RUN)); // which it does not hear, however it takes the interrupt
        pump.close();
        interrupted.await();
        await().until(() -> heard.size() == 1);
        await().during(Duration.ofMillis(100)).until(() -> heard.size() == 1);
    }

    @Test
    void aListenerThatMayStallMissesNothingHoweverSlowItIs() {
        long given = 3L * CAPACITY;
        AtomicLong taken = new AtomicLong();
        RunListener slow = event -> {
            taken.addAndGet(((Output) event).bytes().remaining());
            Uninterrupted.run(() -> Thread.sleep(2));
        };
        try (EventPump pump = start(slow, Duration.ofSeconds(5), Duration.ofSeconds(30))) {
            for (long sent = 0; sent < given; sent += CAPACITY / 2) {
                pump.output(NOW, ByteBuffer.allocate(CAPACITY / 2));
            }
            assertThat(pump.finish()).isZero();
        }
        assertThat(taken).hasValue(given);
    }

    @Test
    void aStuckListenerStallsOnceAndAgainOnlyAfterItWentOn() {
        Semaphore gate = new Semaphore(0);
        RunListener stuck = event -> Uninterrupted.run(gate::acquire);
        try (EventPump pump = start(stuck, Duration.ofMillis(300), Duration.ofSeconds(30))) {
            long first = stalled(pump);
            assertThat(first).isGreaterThanOrEqualTo(300);
            long more = 0;
            for (int i = 0; i < 100; i++) {
                more += stalled(pump);
            }
            assertThat(more).as("a hundred times the stall would be 30,000 ms").isLessThan(10_000);
            gate.release(1);
            await().until(() -> stalled(pump) >= 300);
            gate.release(1_000_000);
            assertThat(pump.finish()).isPositive();
        }
    }

    /** Returns for how many milliseconds more output than there is room for is held up. */
    private static long stalled(EventPump pump) {
        long start = System.nanoTime();
        pump.output(NOW, ByteBuffer.allocate(2 * CAPACITY));
        return (System.nanoTime() - start) / 1_000_000;
    }

    @Test
    void withoutAListenerThereIsNoThread() {
        try (EventPump pump = EventPump.start(
                RunListener.NONE,
                task -> {
                    throw new AssertionError("a thread was made");
                },
                JOB,
                RUN,
                new EventPump.Policy(DataSize.ofBytes(CAPACITY), Duration.ZERO, Duration.ofSeconds(1)))) {
            pump.add(new JobStarted(NOW, JOB, RUN));
            pump.output(NOW, bytes("text"));
        }
        assertThat(heard).isEmpty();
    }
}
