package dev.construir.run;

import dev.construir.DataSize;
import dev.construir.job.Job;
import dev.construir.thread.Uninterrupted;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the events of one run to its listener, in order, on its own thread. Output beyond what the policy lets wait
 * blocks its producer for as long as the policy says, and is dropped and counted after that. No other event blocks its
 * producer.
 */
final class EventPump implements AutoCloseable {
    private static final int CHUNK = ByteQueue.SEGMENT; // the most output in one event
    private static final Logger LOG = LoggerFactory.getLogger(EventPump.class);

    /**
     * What a listener may cost.
     *
     * @param buffer how much output waits for it at most
     * @param stall for how long more output is held up once it takes none
     * @param patience how long it may take for one event once the run is over
     */
    record Policy(DataSize buffer, Duration stall, Duration patience) {}

    private sealed interface Pending permits Told, Stretch {}

    private record Told(RunEvent event) implements Pending {}

    /** Output in the queue, merged from any number of writes, that grows until it is heard or long enough. */
    private static final class Stretch implements Pending {
        final Instant since;
        final long droppedBefore;
        int length;

        Stretch(Instant since, long droppedBefore) {
            this.since = since;
            this.droppedBefore = droppedBefore;
        }
    }

    private final Job job;
    private final String runId;
    private final RunListener listener;
    private final Duration patience;
    private final long stallNanos;
    private final @Nullable Thread thread;

    // guarded by this
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private final ByteQueue bytes; // of all stretches, in their order
    private @Nullable Deque<Pending> held;
    private @Nullable Stretch growing;
    private long droppedSince;
    private long taken;
    private long given;
    private long calls;
    private long stuckIn = -1; // a call that has used up the stall
    private boolean ended;
    private boolean abandoned;

    private EventPump(RunListener listener, ThreadFactory threads, Job job, String runId, Policy policy) {
        this.job = job;
        this.runId = runId;
        this.patience = policy.patience();
        this.stallNanos = policy.stall().toNanos();
        this.bytes = new ByteQueue(Math.toIntExact(policy.buffer().bytes()));
        this.listener = Objects.requireNonNull(listener, "listener");
        this.thread = listener == RunListener.NONE ? null : threads.newThread(this::pump);
        if (thread != null) {
            thread.setName("construir-events-" + job.name());
            thread.start();
        }
    }

    /** Starts to bring events to a listener. */
    static EventPump start(RunListener listener, ThreadFactory threads, Job job, String runId, Policy policy) {
        return new EventPump(listener, threads, job, runId, policy);
    }

    synchronized void add(RunEvent event) {
        if (thread == null || ended) {
            return;
        }
        if (event instanceof RunEvent.MachineGone && droppedSince > 0) { // no output follows that could report it
            stretch(event.at());
        }
        growing = null;
        enqueue(new Told(event));
        notifyAll();
    }

    /** Adds an event that is not kept back, and that takes the place of an earlier one of its stage that waits. */
    synchronized void preparing(RunEvent.Preparing event) {
        if (thread == null || ended) {
            return;
        }
        if (waiting.peekLast() instanceof Told told
                && told.event() instanceof RunEvent.Preparing earlier
                && earlier.work().stage() == event.work().stage()) {
            waiting.removeLast();
        }
        waiting.add(new Told(event));
        notifyAll();
    }

    /** Keeps back what is added from now on, until {@link #release}. */
    synchronized void hold() {
        held = new ArrayDeque<>();
    }

    /** Lets go of what was kept back, after the given event. */
    synchronized void release(RunEvent first) {
        Deque<Pending> later = held == null ? new ArrayDeque<>() : held;
        held = null;
        add(first);
        waiting.addAll(later);
    }

    private void enqueue(Pending next) {
        (held == null ? waiting : held).add(next);
    }

    /** Takes the remaining bytes of the buffer, whose position stays where it is. */
    synchronized void output(Instant at, ByteBuffer printed) {
        if (thread == null || ended) {
            return;
        }
        taken += printed.remaining();
        ByteBuffer rest = printed.duplicate();
        while (rest.hasRemaining() && hasRoom()) {
            Stretch stretch = stretch(at);
            stretch.length += bytes.put(rest, CHUNK - stretch.length);
        }
        if (rest.hasRemaining()) {
            growing = null;
            droppedSince += rest.remaining();
        }
        notifyAll();
    }

    /** Waits for room for as long as the listener goes on. */
    private boolean hasRoom() {
        try {
            while (bytes.room() == 0 && held == null && !ended && calls != stuckIn) {
                awaitCall();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the producer of output must not wait
        }
        return bytes.room() > 0;
    }

    private void awaitCall() throws InterruptedException {
        long call = calls;
        long end = System.nanoTime() + stallNanos;
        for (long left = stallNanos; left > 0 && calls == call && !ended; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, 1_000_000)); // less would be no wait at all
        }
        stuckIn = calls == call ? call : stuckIn;
    }

    private Stretch stretch(Instant at) {
        Stretch stretch = growing;
        if (stretch == null || stretch.length == CHUNK) {
            stretch = new Stretch(at, droppedSince);
            droppedSince = 0;
            enqueue(stretch);
            growing = stretch;
        }
        return stretch;
    }

    @SuppressWarnings("CatchThrowable") // some languages throw checked exceptions that are not declared
    private void pump() {
        boolean complained = false;
        Throwable failure = null;
        while (true) {
            try {
                if (failure != null && !complained) {
                    complained = true;
                    LOG.warn("a listener failed; the run continues, and its further failures are not logged", failure);
                }
                RunEvent event = next();
                if (event == null) {
                    return;
                }
                listener.on(event);
            } catch (Throwable e) { // one that exhausts stack or heap ends nothing but its own call
                failure = e;
            }
            boolean unused = Thread.interrupted(); // a listener that restored its interrupt still wants events
        }
    }

    private synchronized @Nullable RunEvent next() {
        calls++;
        notifyAll(); // what is held up
        while (waiting.isEmpty() && !ended) {
            try {
                wait();
            } catch (
                    @SuppressWarnings("unused")
                    InterruptedException e) {
                // only by abandon()
            }
        }
        Pending next = abandoned ? null : waiting.poll();
        if (next instanceof Stretch stretch) {
            growing = stretch == growing ? null : growing;
            ByteBuffer printed = ByteBuffer.wrap(bytes.take(stretch.length)).asReadOnlyBuffer();
            given += stretch.length;
            return new RunEvent.Output(stretch.since, job, runId, printed, stretch.droppedBefore);
        }
        return next instanceof Told told ? told.event() : null;
    }

    /**
     * Takes no more, and waits until the listener has heard everything, or the patience with it has run out, which it
     * does only once. Returns how many bytes of the output it was not given.
     */
    long finish() {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        Thread pumping = thread;
        if (pumping != null) {
            Uninterrupted.run(() -> awaitListener(pumping));
        }
        synchronized (this) {
            return taken - given;
        }
    }

    @Override
    public void close() {
        finish();
    }

    private void awaitListener(Thread pumping) throws InterruptedException {
        if (Thread.currentThread() == pumping) {
            return;
        }
        long before = -1;
        while (pumping.isAlive() && !isAbandoned()) {
            long now = progress();
            if (now == before) {
                LOG.warn(
                        "a listener has not returned for {} ms; " + "it is interrupted and receives nothing more",
                        millis());
                abandon(pumping);
            } else {
                before = now;
                pumping.join(millis());
            }
        }
    }

    private long millis() {
        return Math.max(1, patience.toMillis()); // 0 would be for ever
    }

    private synchronized void abandon(Thread pumping) {
        abandoned = true;
        waiting.clear();
        bytes.clear();
        pumping.interrupt();
    }

    private synchronized boolean isAbandoned() {
        return abandoned;
    }

    private synchronized long progress() {
        return calls;
    }
}
