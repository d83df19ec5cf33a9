package dev.construir.run;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the events of one run to its listener, in order, on a thread of its own. Whoever adds an event never waits: output beyond
 * 4 MiB that the listener has not taken is left out and counted.
 */
final class EventPump implements AutoCloseable {
    static final int CAPACITY = 4 << 20;
    private static final int CHUNK = 64 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(EventPump.class);

    private final RunListener listener;
    private final Duration patience;
    private final @Nullable Thread thread;

    // guarded by this
    private final Deque<RunEvent> waiting = new ArrayDeque<>();
    private @Nullable Deque<RunEvent> held;
    private @Nullable ByteBuffer gathering; // output not yet in the queue, merged from small writes
    private Instant gatheringSince = Instant.EPOCH;
    private int waitingBytes;
    private long dropped;
    private long delivered;
    private boolean complained;
    private boolean ended;
    private boolean abandoned;

    private EventPump(RunListener listener, ThreadFactory threads, String name, Duration patience) {
        this.patience = patience;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.thread = listener == RunListener.NONE ? null : threads.newThread(this::pump);
        if (thread != null) {
            thread.setName("construir-events-" + name);
            thread.start();
        }
    }

    /**
     * Starts to bring events to a listener.
     *
     * @param patience how long the listener may take for one event once the run is over
     */
    static EventPump start(RunListener listener, ThreadFactory threads, String name, Duration patience) {
        return new EventPump(listener, threads, name, patience);
    }

    synchronized void add(RunEvent event) {
        if (thread == null || ended) {
            return;
        }
        flush();
        if (event instanceof RunEvent.MachineGone && dropped > 0) { // no output comes any more to tell it
            enqueue(new RunEvent.Output(event.at(), ByteBuffer.allocate(0).asReadOnlyBuffer(), dropped));
            dropped = 0;
        }
        enqueue(event);
        notifyAll();
    }

    /** Keeps back what is added from now on, until {@link #release}. */
    synchronized void hold() {
        held = new ArrayDeque<>();
    }

    /** Lets go of what was kept back, after the given event. */
    synchronized void release(RunEvent first) {
        flush();
        Deque<RunEvent> later = held == null ? new ArrayDeque<>() : held;
        held = null;
        add(first);
        waiting.addAll(later);
    }

    private void enqueue(RunEvent event) {
        (held == null ? waiting : held).add(event);
    }

    /** Takes the remaining bytes of the buffer, whose position stays where it is. */
    synchronized void output(Instant at, ByteBuffer bytes) {
        if (thread == null || ended) {
            return;
        }
        ByteBuffer rest = bytes.duplicate();
        int leftOut = Math.max(0, rest.remaining() - (CAPACITY - waitingBytes));
        rest.limit(rest.limit() - leftOut);
        waitingBytes += rest.remaining();
        while (rest.hasRemaining()) {
            if (gathering == null) {
                gathering = ByteBuffer.allocate(CHUNK);
                gatheringSince = at;
            }
            int n = Math.min(gathering.remaining(), rest.remaining());
            gathering.put(rest.duplicate().limit(rest.position() + n));
            rest.position(rest.position() + n);
            if (!gathering.hasRemaining()) {
                flush();
            }
        }
        if (leftOut > 0) {
            flush();
            dropped += leftOut;
        }
        notifyAll();
    }

    private void flush() {
        if (gathering != null) {
            enqueue(new RunEvent.Output(gatheringSince, gathering.flip().asReadOnlyBuffer(), dropped));
            dropped = 0;
            gathering = null;
        }
    }

    private void pump() {
        try {
            for (RunEvent event = next(); event != null; event = next()) {
                deliver(event);
            }
        } catch (InterruptedException e) {
            LOG.debug("a listener took too long and hears no more");
        }
    }

    private synchronized @Nullable RunEvent next() throws InterruptedException {
        delivered++;
        notifyAll();
        while (waiting.isEmpty() && (gathering == null || held != null) && !ended) {
            wait();
        }
        if (waiting.isEmpty()) {
            flush();
        }
        RunEvent event = abandoned ? null : waiting.poll();
        if (event instanceof RunEvent.Output output) {
            waitingBytes -= output.bytes().remaining();
        }
        return event;
    }

    private void deliver(RunEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException | Error e) {
            if (!complained) {
                complained = true;
                LOG.warn(
                        "a listener failed on {}; the run goes on",
                        event.getClass().getSimpleName(),
                        e);
            }
        }
    }

    /** Waits until the listener has heard everything, or its patience with it has run out. */
    @Override
    public void close() {
        Thread pumping = thread;
        if (pumping == null) {
            return;
        }
        synchronized (this) {
            flush();
            ended = true;
            notifyAll();
        }
        Uninterrupted.run(() -> awaitListener(pumping));
    }

    private void awaitListener(Thread pumping) throws InterruptedException {
        if (Thread.currentThread() == pumping) {
            return;
        }
        long before = -1;
        while (pumping.isAlive()) {
            long now = progress();
            if (now == before) {
                LOG.warn(
                        "a listener has not returned for {} s; it is interrupted and hears no more",
                        patience.toSeconds());
                abandon(pumping);
                return;
            }
            before = now;
            pumping.join(patience.toMillis());
        }
    }

    private synchronized void abandon(Thread pumping) {
        abandoned = true;
        pumping.interrupt();
    }

    private synchronized long progress() {
        return delivered;
    }
}
