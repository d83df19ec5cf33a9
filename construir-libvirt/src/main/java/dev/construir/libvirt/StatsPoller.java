package dev.construir.libvirt;

import dev.construir.DataSize;
import dev.construir.libvirt.connection.DomainStats;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.machine.Usage;
import dev.construir.procfs.PeakMemory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latest statistics of what a machine has used, which only grow. Safe for use by many threads.
 *
 * <p>Owns a daemon thread, on which libvirt is asked: libvirt waits for QEMU's answer without limit, and a QEMU that
 * gives none must not keep its machine from being ended.
 */
final class StatsPoller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatsPoller.class);

    private final List<String> targets;
    private final Supplier<Optional<ProcessHandle>> process;
    private final ExecutorService asking;
    private @Nullable Future<?> answer; // guarded by this
    private Optional<ProcessHandle> found = Optional.empty(); // used by the one thread that asks
    private volatile Usage latest = Usage.NONE;

    /**
     * Creates a poller.
     *
     * @param thread the thread's name
     * @param targets the names of the domain's disks
     * @param process finds the domain's process, where it is one of this host's: libvirt does not report how much
     *     memory it had at most
     */
    StatsPoller(String thread, List<String> targets, Supplier<Optional<ProcessHandle>> process) {
        this.targets = List.copyOf(targets);
        this.process = process;
        this.asking = Executors.newSingleThreadExecutor(task -> {
            Thread asks = new Thread(task, thread);
            asks.setDaemon(true);
            return asks;
        });
    }

    /**
     * Reads the statistics.
     *
     * @param limit how long that may take; it goes on afterwards
     * @throws LibvirtCallException if libvirt has none, or did not return them in time
     */
    void ask(RunningDomain domain, Duration limit) throws LibvirtCallException, InterruptedException {
        try {
            asked(domain).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | RejectedExecutionException e) {
            throw LibvirtCallException.noAnswer(limit);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LibvirtCallException failure) {
                throw failure;
            }
            throw new IllegalStateException("reading the statistics of a domain failed", e.getCause());
        }
    }

    private synchronized Future<?> asked(RunningDomain domain) {
        Future<?> before = answer;
        if (before != null && !before.isDone()) {
            return before;
        }
        Future<?> fresh = asking.submit(() -> {
            latest = larger(latest, domain.stats(targets), peak());
            return null;
        });
        answer = fresh;
        return fresh;
    }

    /**
     * Ends the thread.
     *
     * @return whether it asks no more: otherwise the domain must not be freed
     */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        close();
        return asking.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        asking.shutdown();
    }

    private Optional<DataSize> peak() {
        if (found.isEmpty()) {
            found = process.get();
        }
        return found.filter(ProcessHandle::isAlive).flatMap(qemu -> PeakMemory.of(qemu.pid()));
    }

    /** Reads the statistics, if libvirt still has them. */
    void read(RunningDomain domain, Duration limit) throws InterruptedException {
        try {
            ask(domain, limit);
        } catch (LibvirtCallException e) {
            LOG.trace("no statistics: {}", e.toString());
        }
    }

    Usage latest() {
        return latest;
    }

    private static Usage larger(Usage before, DomainStats now, Optional<DataSize> peak) {
        Duration cpu = before.cpu().compareTo(now.cpu()) > 0 ? before.cpu() : now.cpu();
        return new Usage(
                cpu,
                PeakMemory.larger(before.peakMemory(), peak),
                DataSize.ofBytes(Math.max(before.diskRead().bytes(), now.read())),
                DataSize.ofBytes(Math.max(before.diskWritten().bytes(), now.written())));
    }
}
