package dev.construir.libvirt;

import dev.construir.backend.MachineStreams;
import dev.construir.backend.Overlay;
import dev.construir.backend.StreamSockets;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.libvirt.remote.SshLink;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.Usage;
import dev.construir.scratch.ScratchDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain and all that belongs to it: its directory, its sockets, and three daemon threads, of which this class runs
 * one. That one does everything that libvirt may take long for, a step at a time. Callers that kill, and libvirt's
 * event loop, only add steps.
 */
final class LibvirtMachine implements Machine {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtMachine.class);
    private static final Duration STREAMS_LIMIT = Duration.ofSeconds(10);
    private static final Duration EVENT_LIMIT = Duration.ofSeconds(5);
    private static final Duration GUEST_END_LIMIT = Duration.ofMillis(300);
    private static final Duration STATS_LIMIT = Duration.ofMillis(500);
    private static final Duration LAST_STATS_LIMIT = Duration.ofSeconds(5); // libvirt has to notice that QEMU is gone

    private final String threadPrefix;
    private final UUID id;
    private final MachineInfo info;
    private final ScratchDirectory directory;
    private final Optional<SshLink> link;
    private final List<Overlay> overlays;
    private final Optional<DomainLog> log;
    private final ReconnectingConnection daemon;
    private final MachineListener listener;
    private final LostDomain lostDomain;
    private final DomainExitClassifier classifier;
    private final StatsPoller statsPoller;
    private final MachineStreams streams;
    private final UsageSampler usageSampler;
    private final BlockingQueue<MachineStep> steps = new LinkedBlockingQueue<>();
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final CompletableFuture<MachineExit> publishedExit = exit.copy();
    private volatile @Nullable RunningDomain domain;

    /** What a machine is made of; it owns all of it but the daemon. */
    record Parts(
            String threadPrefix,
            UUID id,
            MachineInfo info,
            ScratchDirectory directory,
            StreamSockets sockets,
            Optional<SshLink> link,
            List<Overlay> overlays,
            Optional<DomainLog> log,
            ReconnectingConnection daemon,
            DomainExitClassifier classifier,
            StatsPoller statsPoller) {}

    LibvirtMachine(Parts parts, MachineListener listener) throws IOException {
        this.threadPrefix = parts.threadPrefix;
        this.id = parts.id;
        this.info = parts.info;
        this.directory = parts.directory;
        this.link = parts.link;
        this.overlays = parts.overlays;
        this.log = parts.log;
        this.daemon = parts.daemon;
        this.lostDomain = new LostDomain(daemon, id, LostDomain.SEARCH_LIMIT);
        this.classifier = parts.classifier;
        this.statsPoller = parts.statsPoller;
        this.listener = listener;
        usageSampler = new UsageSampler(statsPoller, () -> Optional.ofNullable(domain), steps);
        streams = MachineStreams.start(parts.sockets, threadPrefix, this::console, this::output);
        Thread thread = new Thread(this::work, threadPrefix);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Has libvirt start the domain.
     *
     * @throws LibvirtCallException if it did not; the machine has to be closed then
     * @throws InterruptedException if the thread was interrupted; the machine has to be closed then
     */
    void bringUp(Connection connection, String xml) throws LibvirtCallException, InterruptedException {
        try {
            RunningDomain created = connection.create(xml, id, this::onEvent);
            domain = created;
            if (exit.isDone()) { // it has ended before it was known here
                try (created) {
                    created.destroy();
                }
            }
        } catch (LibvirtCallException e) {
            // A guest may be faster than libvirt, which takes an end before it was done for a start that failed.
            boolean ended;
            try {
                ended = classifier.awaitGuestsEnd(GUEST_END_LIMIT);
            } finally {
                connection.forget(id);
            }
            if (!ended) {
                throw e;
            }
            steps.add(this::finish);
        }
        if (daemon.isLocal()) { // what another host has open may need its name
            overlays.forEach(Overlay::unlink);
        }
        link.ifPresent(streams -> streams.whenEnded(this::streamsAreGone));
        try {
            listener.running();
        } catch (RuntimeException e) {
            LOG.warn("{}: its listener failed when the machine began to run", threadPrefix, e);
        }
        steps.add(usageSampler::sample);
    }

    /** Returns the domain's identity. */
    @Override
    public String toString() {
        return "libvirt machine " + id;
    }

    @Override
    public MachineInfo info() {
        return info;
    }

    @Override
    public CompletableFuture<MachineExit> exit() {
        return publishedExit;
    }

    @Override
    public Usage usage() {
        if (!exit.isDone()) {
            usageSampler.sampleAndWait();
        }
        return usageSampler.latest();
    }

    @Override
    public Optional<MachineChannel> channel() {
        return Optional.of(streams.channel());
    }

    @Override
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        streams.writeConsole(bytes);
    }

    @Override
    public void kill(String why) {
        if (!exit.isDone() && classifier.kill(why)) {
            steps.add(this::destroy);
        }
    }

    @Override
    public void close() {
        kill("the machine was closed");
        exit.join(); // is not ended by an interrupt, and keeps the thread's interrupt status
    }

    private void console(ByteBuffer bytes) {
        listener.console(bytes);
        usageSampler.machinePrinted();
    }

    private void output(ByteBuffer bytes) {
        listener.output(bytes);
        usageSampler.machinePrinted();
    }

    /** On libvirt's event loop. */
    private void onEvent(DomainChange change) {
        LOG.debug("{}: {}", threadPrefix, change);
        switch (classifier.onEvent(change)) {
            case MEASURE -> steps.add(usageSampler::sample);
            case DRAIN -> steps.add(this::drainAndDestroy);
            case DESTROY -> steps.add(this::destroy);
            case GONE -> steps.add(this::finish);
            case SEARCH -> {
                DomainChange.ConnectionLost lost = (DomainChange.ConnectionLost) change;
                steps.add(() -> search(lost.why()));
            }
            case NONE -> {}
        }
    }

    private void work() {
        try {
            while (!exit.isDone()) {
                steps.take().perform();
            }
        } catch (InterruptedException e) {
            endAfterFailure(e); // not expected: no code interrupts this thread
        } catch (RuntimeException | Error e) {
            endAfterFailure(e);
        }
    }

    // A failure of this thread must not leave the machine behind.
    private void endAfterFailure(Throwable failure) {
        LOG.error("{}: the thread that watches the machine failed", threadPrefix, failure);
        String why = "the thread that watched the machine failed: " + failure;
        classifier.lost(why);
        try {
            destroyOrKill(why);
            streams.abandon();
        } finally {
            classifier.gone();
            try {
                release();
            } finally {
                exit.complete(classifier.decide(""));
            }
        }
    }

    private void destroyOrKill(String why) {
        try {
            RunningDomain there = domain;
            if (there != null) {
                there.destroy();
            }
        } catch (LibvirtCallException | RuntimeException | Error e) {
            LOG.warn("{}: libvirt did not destroy it", threadPrefix, e);
            report(lostDomain.killWithoutLibvirt(why));
        }
    }

    // Without them the output of the guest is lost.
    private void streamsAreGone(String why) {
        if (!exit.isDone()) {
            classifier.lost(why);
            steps.add(this::destroy);
        }
    }

    private void drainAndDestroy() throws InterruptedException {
        RunningDomain there = domain;
        if (there != null) {
            try {
                if (!streams.drain(limit -> statsPoller.ask(there, limit), STREAMS_LIMIT)) {
                    LOG.warn(
                            "{}: its streams were not read to their end, and what is left in QEMU is lost",
                            threadPrefix);
                }
            } catch (LibvirtCallException e) {
                LOG.debug("{}: its streams were not drained: {}", threadPrefix, e.getMessage());
            }
        }
        destroy();
    }

    private void destroy() throws InterruptedException {
        RunningDomain there = domain;
        if (there == null) { // libvirt never started it
            finish();
            return;
        }
        statsPoller.read(there, STATS_LIMIT);
        try {
            there.destroy();
        } catch (LibvirtCallException e) {
            if (e.kind() == LibvirtCallException.Kind.DENIED) {
                report(lostDomain.killWithoutLibvirt("libvirt does not let this user destroy it: " + e.getMessage()));
                finish();
            } else {
                search("libvirt could not destroy it: " + e.getMessage());
            }
            return;
        }
        awaitEvent();
    }

    // The event may say what ended the machine before it was destroyed. It arrives apart from the answer, or not at
    // all.
    private void awaitEvent() throws InterruptedException {
        long end = System.nanoTime() + EVENT_LIMIT.toNanos();
        while (!exit.isDone()) {
            MachineStep next = steps.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                LOG.warn("{}: libvirt destroyed it and does not say that it is gone", threadPrefix);
                finish();
                return;
            }
            next.perform();
        }
    }

    private void search(String why) throws InterruptedException {
        if (!exit.isDone()) {
            report(lostDomain.search(why));
            finish();
        }
    }

    private void report(LostDomain.Fate fate) {
        if (!fate.mayRun()) {
            classifier.lost(fate.why());
            return;
        }
        LOG.error("{}: {}", threadPrefix, fate.why());
        classifier.outOfReach(fate.why());
        directory.bequeath(); // the next process reads there which domain to destroy
        streams.abandon();
    }

    private void finish() throws InterruptedException {
        if (exit.isDone()) {
            return;
        }
        classifier.gone();
        // What QEMU never connected will not be any more.
        streams.stopWaiting();
        if (!streams.awaitEnd(STREAMS_LIMIT)) {
            LOG.warn("{}: the domain is gone, and a stream of it still has not come to its end", threadPrefix);
            streams.abandon();
        }
        MachineExit how = classifier.decide(log.map(DomainLog::lastWords).orElse(""));
        LOG.debug("{} ended: {}", threadPrefix, how);
        release();
        exit.complete(how);
    }

    // A domain must not be freed while libvirt is asked about it.
    private boolean isMeasured() {
        try {
            return statsPoller.awaitEnd(LAST_STATS_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not expected: no code interrupts this thread
            return false;
        }
    }

    private void release() {
        streams.close();
        RunningDomain there = domain;
        if (!isMeasured()) {
            LOG.error("{}: libvirt still does not answer what its domain has used; it is not freed", threadPrefix);
        } else if (there != null) {
            there.close();
        }
        link.ifPresent(SshLink::close);
        overlays.forEach(Overlay::unlink);
        log.ifPresent(DomainLog::remove);
        directory.close();
    }
}
