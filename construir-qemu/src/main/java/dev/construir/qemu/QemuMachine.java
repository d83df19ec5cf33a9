package dev.construir.qemu;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.construir.backend.ListeningSocket;
import dev.construir.backend.MachineStreams;
import dev.construir.backend.Overlay;
import dev.construir.backend.StreamSockets;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.Usage;
import dev.construir.qemu.commandline.DiskExchange;
import dev.construir.qemu.process.KillEscalation;
import dev.construir.qemu.process.QemuProcess;
import dev.construir.qemu.qmp.QmpClient;
import dev.construir.qemu.qmp.QmpEvent;
import dev.construir.qemu.qmp.QmpException;
import dev.construir.qemu.qmp.QmpListener;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.store.ArtifactStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A QEMU process and all that belongs to it: its directory, its sockets, and six daemon threads, of which this class
 * runs one, which waits for the process and cleans up after it. A seventh types on the console, once there is something
 * to type, and one more lives for as long as it takes to end the process when that is wanted, or to read what the guest
 * has left in it. A process that the kernel does not remove is given up, and {@link #close} returns; the thread that
 * waits for it stays as long as it does.
 */
final class QemuMachine implements Machine {
    private static final Logger LOG = LoggerFactory.getLogger(QemuMachine.class);
    private static final Duration STREAMS_LIMIT = Duration.ofSeconds(10);
    // Guests wait for their disks for 5 s of guest time.
    private static final Duration REHEARSAL = Duration.ofSeconds(2);
    private static final Duration ABANDONED_STREAMS_LIMIT = Duration.ofSeconds(1);

    private final String threadPrefix;
    private final MachineInfo info;
    private final ScratchDirectory directory;
    private final List<Overlay> overlays;
    private final Optional<ArtifactStore.Lease> lease;
    private final Optional<Migration.Memory> restored;
    private final ExitClassifier classifier;
    private final MachineListener listener;
    private final QemuProcess process;
    private final MachineProcess processEvent;
    private final MachineShutdown shutdown;
    private final MachineStreams streams;
    private final QmpClient qmp;
    private final UsageMeter usageMeter;
    private volatile Migration migration = new Migration();
    private volatile Optional<CheckpointWriter> checkpoints = Optional.empty();
    private final AtomicBoolean released = new AtomicBoolean();
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final CompletableFuture<MachineExit> publishedExit = exit.copy();

    /** What a machine is made of; it owns all of it. */
    record Parts(
            String threadPrefix,
            MachineInfo info,
            ScratchDirectory directory,
            ListeningSocket qmp,
            StreamSockets streams,
            List<Overlay> overlays,
            Optional<ArtifactStore.Lease> lease,
            Optional<Migration.Memory> restored,
            ExitClassifier classifier,
            QemuProcess process,
            MachineProcess processEvent) {}

    QemuMachine(Parts parts, MachineListener listener, KillEscalation escalation) throws IOException {
        this.threadPrefix = parts.threadPrefix;
        this.info = parts.info;
        this.directory = parts.directory;
        this.overlays = parts.overlays;
        this.lease = parts.lease;
        this.restored = parts.restored;
        this.classifier = parts.classifier;
        this.process = parts.process;
        this.processEvent = parts.processEvent;
        this.listener = listener;
        shutdown = new MachineShutdown(threadPrefix, escalation, process, this::abandon);
        streams = MachineStreams.start(parts.streams, threadPrefix, listener::console, listener::output);
        qmp = QmpClient.start(parts.qmp, threadPrefix + "-qmp", new Events());
        usageMeter = new UsageMeter(process, qmp);
        shutdown.thread("", this::watch).start();
    }

    /**
     * Waits until QEMU is there, and has read what the machine is resumed from, if it is.
     *
     * @param limit how long QEMU has for each answer
     * @throws QmpException if it did not do what was asked
     * @throws InterruptedException if the thread was interrupted
     */
    void connect(Duration limit) throws QmpException, InterruptedException {
        StartPhase connecting = StartPhase.begin(processEvent.machine, "connections");
        qmp.negotiate(limit);
        if (!streams.awaitConnection(limit)) {
            throw new QmpException("QEMU did not connect its streams within " + limit.toMillis() + " ms");
        }
        overlays.forEach(Overlay::unlink);
        connecting.commit();
        if (restored.isPresent()) {
            StartPhase restoring = StartPhase.begin(processEvent.machine, "state");
            try {
                Migration.Memory memory = restored.get();
                migration.read(qmp, memory, memory == Migration.Memory.IN_STREAM ? CheckpointWriter.LIMIT : limit);
            } catch (QmpException e) {
                if (lease.isPresent()) {
                    lease.get().discard(); // the next machine would fail on it as well
                }
                throw e;
            }
            lease.ifPresent(ArtifactStore.Lease::close); // QEMU has all its files open: they may lose their names
            restoring.commit();
        }
    }

    /**
     * Lets the guest run.
     *
     * @param before the commands that QEMU must receive first
     * @param limit how long QEMU has for each answer
     * @throws QmpException if it did not do what was asked
     * @throws InterruptedException if the thread was interrupted
     */
    void run(List<DiskExchange.Command> before, Duration limit) throws QmpException, InterruptedException {
        StartPhase letting = StartPhase.begin(processEvent.machine, "run");
        for (DiskExchange.Command command : before) {
            qmp.call(command.name(), command.arguments(), limit);
        }
        letGo(limit);
        letting.commit();
        try {
            listener.running();
        } catch (RuntimeException e) {
            LOG.warn("a machine's listener failed when {} began to run", info.commandLine(), e);
        }
    }

    // A guest that may have started must not be started again on the same disk, so that this is no failed start.
    private void letGo(Duration limit) throws QmpException, InterruptedException {
        CompletableFuture<JsonElement> answer = qmp.send("cont", new JsonObject());
        try {
            var unused = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof QmpException refused
                    ? refused
                    : new QmpException("cont failed: " + e.getCause());
        } catch (TimeoutException e) {
            classifier.lost("QEMU did not report within " + limit.toMillis() + " ms whether the guest runs");
            shutdown.end(() -> false);
        }
    }

    /**
     * Lets the guest run as far as it gets without its disks, and stops it there. That is the first that QEMU sees of
     * the guest's programs: it has translated them then.
     *
     * @param waiting is complete when the guest waits
     * @param limit how long QEMU has for each answer
     * @throws QmpException if it did not do what was asked
     * @throws InterruptedException if the thread was interrupted
     */
    void rehearse(Future<?> waiting, Duration limit) throws QmpException, InterruptedException {
        classifier.stopWanted(true);
        qmp.call("cont", limit);
        try {
            waiting.get(REHEARSAL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("{}: the guest does not say that it waits for its disks", threadPrefix);
        }
        qmp.call("stop", limit);
        classifier.stopWanted(false); // events come before the answer
    }

    /**
     * Stops the guest and saves the machine, which is of no more use then. Its memory and its disks are where they
     * belong already.
     *
     * @param state takes the rest
     * @param limit how long that may take, for each of its parts
     * @throws IOException if it could not be saved
     * @throws InterruptedException if the thread was interrupted
     */
    void save(Path state, Duration limit) throws IOException, InterruptedException {
        classifier.stopWanted(true);
        qmp.call("stop", limit);
        write(state, Migration.Memory.IN_PLACE, MigrationFile.WITHOUT_MEMORY, limit);
    }

    private void write(Path state, Migration.Memory memory, long largest, Duration limit)
            throws IOException, InterruptedException {
        Migration writing = new Migration();
        migration = writing;
        MigrationFile.receive(
                state,
                directory.path(),
                threadPrefix + "-state",
                largest,
                limit,
                uri -> writing.write(qmp, uri, memory, limit));
    }

    /** Does something while the guest stands still, whose disks are as it has left them. */
    @FunctionalInterface
    interface Stillness {
        void use() throws IOException, InterruptedException;
    }

    /**
     * Stops the guest, does something, and lets it go on.
     *
     * @param limit how long QEMU has for each answer
     * @throws IOException if QEMU did not do what was asked, or what is done failed
     * @throws InterruptedException if the thread was interrupted; the guest goes on
     */
    void whileStopped(Stillness what, Duration limit) throws IOException, InterruptedException {
        classifier.stopWanted(true);
        try {
            qmp.call("stop", limit);
            what.use();
        } finally {
            var unused =
                    qmp.send("cont", new JsonObject()).whenComplete((answer, failure) -> classifier.stopWanted(false));
        }
    }

    /**
     * Saves the machine, its memory among it, while the guest is stopped.
     *
     * @param file takes it
     * @param largest the most bytes that may be
     * @param limit how long that may take, for each of its parts
     * @throws IOException if it could not be saved
     * @throws InterruptedException if the thread was interrupted
     */
    void saveWithMemory(Path file, long largest, Duration limit) throws IOException, InterruptedException {
        write(file, Migration.Memory.IN_STREAM, largest, limit);
    }

    /** Returns a path to a file that QEMU has open, also if its name is gone. */
    Path openFile(String name) throws IOException {
        return process.openFile(name);
    }

    /** Sets what saves checkpoints of this machine. */
    void becomeSavable(CheckpointWriter writer) {
        checkpoints = Optional.of(writer);
    }

    /** Returns where the machine keeps its files. */
    @Override
    public String toString() {
        return "QEMU machine in " + directory;
    }

    /** Returns the end of what QEMU has written so far. */
    String lastWords() throws InterruptedException {
        return process.lastWords();
    }

    /** Waits for the process to end by itself. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return process.waitFor(limit);
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
        return usageMeter.read();
    }

    @Override
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        streams.writeConsole(bytes);
    }

    @Override
    public void checkpoint(Path target) throws HypervisorException, InterruptedException {
        CheckpointWriter writer = checkpoints.orElseThrow(() -> new HypervisorException("the machine " + threadPrefix
                + " was booted, and only machines that were resumed can be saved; use a warm start"));
        writer.write(this, target);
    }

    @Override
    public Optional<MachineChannel> channel() {
        return Optional.of(streams.channel());
    }

    @Override
    public void kill(String why) {
        if (!exit.isDone() && classifier.kill(why)) {
            usageMeter.readLast();
            shutdown.end(this::askToQuit);
        }
    }

    @Override
    public void close() {
        kill("the machine was closed");
        exit.join(); // is not ended by an interrupt, and keeps the thread's interrupt status
    }

    private void drainAndQuit() {
        shutdown.attend(
                "-drain",
                () -> {
                    drain();
                    askToQuit();
                },
                this::askToQuit);
    }

    // A kill meanwhile ends QEMU, and with it the answers and streams that are waited for here.
    private void drain() throws InterruptedException {
        try {
            if (!streams.drain(limit -> qmp.call("query-status", limit), STREAMS_LIMIT)) {
                LOG.warn(
                        "{}: its streams were not read to their end within {} ms, and what is left in QEMU is lost",
                        threadPrefix,
                        STREAMS_LIMIT.toMillis());
            }
        } catch (QmpException e) {
            LOG.debug("{}: its streams were not drained: {}", threadPrefix, e.getMessage());
        }
    }

    private boolean askToQuit() {
        return !qmp.send("quit", new JsonObject()).isCompletedExceptionally();
    }

    // The thread that waits for the process stays behind with it; everything else is released.
    private void abandon(MachineExit.Lost lost) throws InterruptedException {
        qmp.close();
        streams.abandon();
        if (!streams.awaitEnd(ABANDONED_STREAMS_LIMIT)) {
            LOG.warn("{}: its listener is still busy", threadPrefix);
        }
        release();
        exit.complete(lost);
    }

    private void watch() throws InterruptedException {
        try {
            int status = process.waitFor();
            classifier.gone();
            processEvent.status = status;
            processEvent.commit();
            // QEMU connects no more sockets now.
            qmp.stopWaiting();
            streams.stopWaiting();
            if (!streams.awaitEnd(STREAMS_LIMIT) || !qmp.awaitEnd(STREAMS_LIMIT)) {
                LOG.warn("{}: QEMU is gone, and a stream of it still has not come to its end", threadPrefix);
            }
            qmp.close();
            MachineExit how = classifier.decide(status, process.lastWords());
            LOG.debug("{} ended: {}", threadPrefix, how);
            release();
            exit.complete(how);
        } finally {
            process.kill();
            release();
            exit.complete(new MachineExit.Lost("the thread that watched the machine failed"));
        }
    }

    private void release() {
        streams.close();
        overlays.forEach(Overlay::unlink);
        directory.close();
        lease.ifPresent(ArtifactStore.Lease::close);
    }

    /** Acts on QEMU's events. */
    private final class Events implements QmpListener {
        @Override
        public void event(QmpEvent event) {
            migration.handle(event);
            switch (classifier.event(event)) {
                case OVER -> release(QemuMachine.this::drainAndQuit);
                case QUIT -> release(QemuMachine.this::askToQuit);
                case END -> {
                    usageMeter.readLast();
                    shutdown.end(QemuMachine.this::askToQuit);
                }
                case NONE -> {}
            }
        }

        // QEMU stays, with the guest paused, until it has said what the guest used and has been relieved of what it
        // printed. It may take what time it needs then: it flushes disks.
        private void release(Runnable quit) {
            if (released.compareAndSet(false, true)) {
                usageMeter.readLast();
                quit.run();
            }
        }

        @Override
        public void broken(QmpException why) {
            migration.fail(String.valueOf(why.getMessage()));
            classifier.lost(String.valueOf(why.getMessage()));
            shutdown.end(() -> false);
        }

        @Override
        public void closed() {
            migration.fail("QEMU closed the QMP connection");
            // Normal when QEMU ends. Without the connection a machine is of no use.
            shutdown.endUnlessEnding(() -> classifier.lost("QEMU closed its QMP connection and went on running"));
        }
    }
}
