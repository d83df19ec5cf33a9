package dev.construir.libvirt;

import dev.construir.backend.Overlay;
import dev.construir.backend.PausedGuestDrain;
import dev.construir.backend.StreamReader;
import dev.construir.backend.StreamReader.Receipts;
import dev.construir.backend.StreamWriter;
import dev.construir.libvirt.connection.Connection;
import dev.construir.libvirt.connection.DomainChange;
import dev.construir.libvirt.connection.LibvirtCallException;
import dev.construir.libvirt.connection.ReconnectingConnection;
import dev.construir.libvirt.connection.RunningDomain;
import dev.construir.libvirt.remote.SshLink;
import dev.construir.machine.Machine;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A domain and all that belongs to it: its directory, its sockets, and three daemon threads, of which this class runs one. That one does
 * everything that libvirt may take long for, a step at a time: whoever kills, and libvirt's event loop, only ask for steps.
 */
final class LibvirtMachine implements Machine {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtMachine.class);
    private static final Duration STREAMS_LIMIT = Duration.ofSeconds(10);
    private static final Duration NEWS_LIMIT = Duration.ofSeconds(5);
    private static final Duration WORD_LIMIT = Duration.ofMillis(300);
    private static final Duration SEARCH_LIMIT = Duration.ofSeconds(10);
    private static final long SEARCH_PAUSE_MILLIS = 200;
    private static final Duration NUMBERS_LIMIT = Duration.ofMillis(500);
    private static final Duration LAST_NUMBERS_LIMIT = Duration.ofSeconds(5); // QEMU is gone, and libvirt notices that
    // Numbers are gone with the domain. A machine that ends by itself has said something shortly before, so that
    // numbers
    // read when it speaks are about its last ones; but not more often than this.
    private static final long MEASURE_MILLIS = 100;

    private final String threadPrefix;
    private final UUID id;
    private final MachineInfo info;
    private final ScratchDirectory directory;
    private final Optional<SshLink> link;
    private final List<Overlay> overlays;
    private final Optional<DomainLog> log;
    private final ReconnectingConnection daemon;
    private final MachineListener listener;
    private final DomainExitClassifier ending;
    private final StatsPoller meter;
    private final StreamReader console;
    private final StreamWriter keyboard;
    private final StreamReader output;
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final AtomicBoolean measureRequested = new AtomicBoolean();
    private final AtomicReference<@Nullable CompletableFuture<Void>> asked = new AtomicReference<>();
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final CompletableFuture<MachineExit> publishedExit = exit.copy();
    private volatile @Nullable RunningDomain domain;

    /** What a machine is made of; it owns all of it but the daemon. */
    record Parts(
            String threads,
            UUID id,
            MachineInfo info,
            ScratchDirectory directory,
            LibvirtSockets sockets,
            Optional<SshLink> link,
            List<Overlay> overlays,
            Optional<DomainLog> log,
            ReconnectingConnection daemon,
            DomainExitClassifier ending,
            StatsPoller meter) {}

    /** Something that the machine's own thread does. */
    @FunctionalInterface
    private interface Step {
        void perform() throws InterruptedException;
    }

    LibvirtMachine(Parts parts, MachineListener listener) throws IOException {
        this.threadPrefix = parts.threads;
        this.id = parts.id;
        this.info = parts.info;
        this.directory = parts.directory;
        this.link = parts.link;
        this.overlays = parts.overlays;
        this.log = parts.log;
        this.daemon = parts.daemon;
        this.ending = parts.ending;
        this.meter = parts.meter;
        this.listener = listener;
        console = StreamReader.start(parts.sockets.console(), threadPrefix + "-console", this::console, Receipts.NONE);
        keyboard = new StreamWriter(console, threadPrefix + "-keyboard");
        output = StreamReader.start(parts.sockets.output(), threadPrefix + "-output", this::output, Receipts.GIVEN);
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
            if (exit.isDone()) { // its end was heard before it was known here
                try (created) {
                    created.destroy();
                }
            }
        } catch (LibvirtCallException e) {
            // A guest may be faster than libvirt, which takes an end before it was done for a start that failed.
            boolean ended;
            try {
                ended = ending.awaitGuestsEnd(WORD_LIMIT);
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
            LOG.warn("{}: its listener failed to hear that it runs", threadPrefix, e);
        }
        steps.add(this::measure);
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
            try {
                measured().get(NUMBERS_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException e) {
                LOG.trace("{}: no numbers: {}", threadPrefix, e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the caller's to act on; what is known is known
            }
        }
        return meter.latest();
    }

    @Override
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        keyboard.write(bytes);
    }

    @Override
    public void kill(String why) {
        if (!exit.isDone() && ending.kill(why)) {
            steps.add(this::destroy);
        }
    }

    @Override
    public void close() {
        kill("the machine was closed");
        exit.join(); // does not heed interrupts, and keeps the thread's status
    }

    private void console(ByteBuffer bytes) {
        listener.console(bytes);
        measureRequested();
    }

    private void output(ByteBuffer bytes) {
        listener.output(bytes);
        measureRequested();
    }

    private void measureRequested() {
        if (measureRequested.compareAndSet(false, true)) {
            steps.add(this::measureSoon);
        }
    }

    /** On libvirt's event loop. */
    private void onEvent(DomainChange news) {
        LOG.debug("{}: {}", threadPrefix, news);
        switch (ending.onEvent(news)) {
            case MEASURE -> steps.add(this::measure);
            case DRAIN -> steps.add(this::drainAndDestroy);
            case DESTROY -> steps.add(this::destroy);
            case GONE -> steps.add(this::finish);
            case SEARCH -> {
                DomainChange.ConnectionLost lost = (DomainChange.ConnectionLost) news;
                steps.add(() -> search(lost.why()));
            }
            case NONE -> {}
        }
    }

    private CompletableFuture<Void> measured() {
        CompletableFuture<Void> fresh = new CompletableFuture<>();
        CompletableFuture<Void> before = asked.compareAndExchange(null, fresh);
        if (before != null) {
            return before;
        }
        steps.add(() -> {
            measure();
            asked.set(null);
            fresh.complete(null);
        });
        return fresh;
    }

    private void work() {
        try {
            while (!exit.isDone()) {
                steps.take().perform();
            }
        } catch (InterruptedException e) {
            endAllTheSame(e); // nobody has a reason to
        } catch (RuntimeException | Error e) {
            endAllTheSame(e);
        }
    }

    // What belongs to the machine is not left to chance because this thread has failed.
    private void endAllTheSame(Throwable failure) {
        LOG.error("{}: the thread that watches the machine failed", threadPrefix, failure);
        String why = "the thread that watched the machine failed: " + failure;
        ending.lost(why);
        try {
            destroyOrKill(why);
            console.abandon();
            output.abandon();
        } finally {
            ending.gone();
            try {
                release();
            } finally {
                exit.complete(ending.decide(""));
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
            killOrLeave(why);
        }
    }

    private void measure() throws InterruptedException {
        RunningDomain there = domain;
        if (there != null) {
            meter.read(there, NUMBERS_LIMIT);
        }
    }

    // Without them nobody knows what the guest says, nor can it be sure that it was heard.
    private void streamsAreGone(String why) {
        if (!exit.isDone()) {
            ending.lost(why);
            steps.add(this::destroy);
        }
    }

    private void measureSoon() throws InterruptedException {
        measure();
        // What comes meanwhile is more urgent than not measuring too often.
        Step next = steps.poll(MEASURE_MILLIS, TimeUnit.MILLISECONDS);
        measureRequested.set(false);
        if (next != null) {
            next.perform();
        }
    }

    private void drainAndDestroy() throws InterruptedException {
        RunningDomain there = domain;
        if (there != null) {
            try {
                PausedGuestDrain<LibvirtCallException> drain =
                        new PausedGuestDrain<>(limit -> meter.ask(there, limit), List.of(output, console));
                if (!drain.run(STREAMS_LIMIT)) {
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
        meter.read(there, NUMBERS_LIMIT);
        try {
            there.destroy();
        } catch (LibvirtCallException e) {
            if (e.kind() == LibvirtCallException.Kind.DENIED) {
                giveUp("libvirt does not let this user destroy it: " + e.getMessage());
            } else {
                search("libvirt could not destroy it: " + e.getMessage());
            }
            return;
        }
        awaitNews();
    }

    // The word of the end comes by another way than the answer, and may say what came first. It cannot be relied upon:
    // what
    // is gone is gone.
    private void awaitNews() throws InterruptedException {
        long end = System.nanoTime() + NEWS_LIMIT.toNanos();
        while (!exit.isDone()) {
            Step next = steps.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                LOG.warn("{}: libvirt destroyed it and does not say that it is gone", threadPrefix);
                finish();
                return;
            }
            next.perform();
        }
    }

    private void search(String why) throws InterruptedException {
        if (exit.isDone()) {
            return;
        }
        String last = "";
        for (long end = System.nanoTime() + SEARCH_LIMIT.toNanos(); System.nanoTime() < end; ) {
            try {
                if (daemon.connection().destroy(id)) {
                    ending.lost(why + "; the machine was still there and was destroyed");
                } else {
                    killOrSayGone(why);
                }
                finish();
                return;
            } catch (LibvirtCallException e) {
                last = String.valueOf(e.getMessage());
                LOG.debug("{}: not found yet: {}", threadPrefix, last);
                Thread.sleep(SEARCH_PAUSE_MILLIS); // a daemon that starts tells nobody when it is there
            }
        }
        giveUp(why + ", and it cannot be reached again: " + last);
    }

    private void giveUp(String why) throws InterruptedException {
        killOrLeave(why);
        finish();
    }

    // libvirt does not say what became of the machine. On this host its process tells.
    private void killOrLeave(String why) {
        if (daemon.isLocal()) {
            killOrSayGone(why);
        } else {
            leaveBehind(why);
        }
    }

    private void killOrSayGone(String why) {
        switch (daemon.isLocal() ? LocalQemu.kill(id) : LocalQemu.Fate.NOT_THERE) {
            case KILLED -> ending.lost(why + "; its QEMU process was killed");
            case ALIVE -> leaveBehind(why);
            case NOT_THERE -> ending.lost(why + "; the machine is gone");
        }
    }

    // The directory tells the next process that comes this way which domain to destroy.
    private void leaveBehind(String why) {
        String still = why + "; the machine may still run: virsh -c '" + daemon.uri() + "' destroy " + id;
        LOG.error("{}: {}", threadPrefix, still);
        ending.outOfReach(still);
        directory.bequeath();
        console.abandon();
        output.abandon();
    }

    private void finish() throws InterruptedException {
        if (exit.isDone()) {
            return;
        }
        ending.gone();
        // What QEMU never connected will not be any more.
        console.stopWaiting();
        output.stopWaiting();
        if (!console.awaitEnd(STREAMS_LIMIT) || !output.awaitEnd(STREAMS_LIMIT)) {
            LOG.warn("{}: the domain is gone, and a stream of it still has not come to its end", threadPrefix);
            console.abandon();
            output.abandon();
        }
        MachineExit how = ending.decide(log.map(DomainLog::lastWords).orElse(""));
        LOG.debug("{} ended: {}", threadPrefix, how);
        release();
        exit.complete(how);
    }

    // A domain must not be freed while libvirt is asked about it.
    private boolean isMeasured() {
        try {
            return meter.awaitEnd(LAST_NUMBERS_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody has a reason to
            return false;
        }
    }

    private void release() {
        keyboard.close();
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
