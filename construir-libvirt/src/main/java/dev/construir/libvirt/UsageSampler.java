package dev.construir.libvirt;

import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.machine.Usage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a machine's statistics are read. libvirt has none of a domain that has ended. A machine that ends by
 * itself has printed something shortly before, so that statistics read when it prints are about the last ones. Safe for
 * use by many threads.
 */
final class UsageSampler {
    private static final Logger LOG = LoggerFactory.getLogger(UsageSampler.class);
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final long PAUSE_MILLIS = 100; // between two readings for what the machine prints

    private final StatsPoller poller;
    private final Supplier<Optional<RunningDomain>> domain;
    private final BlockingQueue<MachineStep> steps;
    private final AtomicBoolean printed = new AtomicBoolean();
    private final AtomicReference<@Nullable CompletableFuture<Void>> asked = new AtomicReference<>();

    /**
     * Creates a sampler.
     *
     * @param poller reads the statistics
     * @param domain the domain, once it was started
     * @param steps the steps of the machine's thread, which reads the statistics
     */
    UsageSampler(StatsPoller poller, Supplier<Optional<RunningDomain>> domain, BlockingQueue<MachineStep> steps) {
        this.poller = poller;
        this.domain = domain;
        this.steps = steps;
    }

    /** Has the statistics read soon, as the machine has printed something. Returns at once. */
    void machinePrinted() {
        if (printed.compareAndSet(false, true)) {
            steps.add(this::sampleAndPause);
        }
    }

    /** Reads the statistics now. For the machine's thread. */
    void sample() throws InterruptedException {
        Optional<RunningDomain> running = domain.get();
        if (running.isPresent()) {
            poller.read(running.get(), LIMIT);
        }
    }

    /**
     * Has the statistics read, and waits for that up to 0.5 s. An interrupt ends the wait, and the thread's interrupt
     * status is kept.
     */
    void sampleAndWait() {
        try {
            sampled().get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.trace("no statistics: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // for the caller; what is known is known
        }
    }

    /** Returns the latest usage. */
    Usage latest() {
        return poller.latest();
    }

    private CompletableFuture<Void> sampled() {
        CompletableFuture<Void> fresh = new CompletableFuture<>();
        CompletableFuture<Void> before = asked.compareAndExchange(null, fresh);
        if (before != null) {
            return before;
        }
        steps.add(() -> {
            sample();
            asked.set(null);
            fresh.complete(null);
        });
        return fresh;
    }

    private void sampleAndPause() throws InterruptedException {
        sample();
        // Another step is more urgent than the pause.
        MachineStep next = steps.poll(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        printed.set(false);
        if (next != null) {
            next.perform();
        }
    }
}
