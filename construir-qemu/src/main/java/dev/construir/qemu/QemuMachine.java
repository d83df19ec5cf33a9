package dev.construir.qemu;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.construir.backend.Overlay;
import dev.construir.backend.PausedGuestDrain;
import dev.construir.backend.StreamReader;
import dev.construir.backend.StreamReader.Receipts;
import dev.construir.backend.StreamWriter;
import dev.construir.machine.Machine;
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
import dev.construir.qemu.warm.SnapshotStore;
import dev.construir.scratch.ScratchDirectory;
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
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A QEMU process and all that belongs to it: its directory, its sockets, and six daemon threads, of which this class runs one, which
 * waits for the process and cleans up after it. A seventh types on the console, once there is something to type, and one more lives for as
 * long as it takes to end the process when that is wanted, or to read what the guest has left in it. A process
 * that the kernel does not remove is given up, and {@link #close} returns; the thread that waits for it stays as long as it does.
 */
final class QemuMachine implements Machine {
    private static final Logger LOG = LoggerFactory.getLogger(QemuMachine.class);
    private static final Duration STREAMS_LIMIT = Duration.ofSeconds(10);
    // Guests wait for their disks for 5 s of their own time.
    private static final Duration REHEARSAL = Duration.ofSeconds(2);
    private static final Duration ABANDONED_STREAMS_LIMIT = Duration.ofSeconds(1);

    private final String threadPrefix;
    private final MachineInfo info;
    private final ScratchDirectory directory;
    private final List<Overlay> overlays;
    private final Optional<SnapshotStore.Lease> lease;
    private final ExitClassifier ending;
    private final MachineListener listener;
    private final KillEscalation escalation;
    private final QemuProcess process;
    private final MachineProcess event;
    private final QmpClient qmp;
    private final StreamReader console;
    private final StreamWriter keyboard;
    private final StreamReader output;
    private final UsageMeter meter;
    private final Migration migration = new Migration();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean beingEnded = new AtomicBoolean();
    private final CompletableFuture<MachineExit> exit = new CompletableFuture<>();
    private final CompletableFuture<MachineExit> publishedExit = exit.copy();

    /** What a machine is made of; it owns all of it. */
    record Parts(
            String threads,
            MachineInfo info,
            ScratchDirectory directory,
            QemuSockets sockets,
            List<Overlay> overlays,
            Optional<SnapshotStore.Lease> lease,
            ExitClassifier ending,
            QemuProcess process,
            MachineProcess event) {}

    QemuMachine(Parts parts, MachineListener listener, KillEscalation escalation) throws IOException {
        this.threadPrefix = parts.threads;
        this.info = parts.info;
        this.directory = parts.directory;
        this.overlays = parts.overlays;
        this.lease = parts.lease;
        this.ending = parts.ending;
        this.process = parts.process;
        this.event = parts.event;
        this.listener = listener;
        this.escalation = escalation;
        console = StreamReader.start(
                parts.sockets.console(), threadPrefix + "-console", listener::console, Receipts.NONE);
        keyboard = new StreamWriter(console, threadPrefix + "-keyboard");
        output = StreamReader.start(parts.sockets.output(), threadPrefix + "-output", listener::output, Receipts.GIVEN);
        qmp = QmpClient.start(parts.sockets.qmp(), threadPrefix + "-qmp", new Events());
        meter = new UsageMeter(process, qmp);
        thread("", this::watch).start();
    }

    /**
     * Waits until QEMU is there, and has read what the machine is resumed from, if it is.
     *
     * @param limit how long QEMU has for each answer
     * @throws QmpException if it did not do what was asked
     * @throws InterruptedException if the thread was interrupted
     */
    void connect(Duration limit) throws QmpException, InterruptedException {
        StartPhase connecting = StartPhase.begin(event.machine, "connections");
        qmp.negotiate(limit);
        if (!console.awaitConnection(limit) || !output.awaitConnection(limit)) {
            throw new QmpException("QEMU did not connect its streams within " + limit.toMillis() + " ms");
        }
        overlays.forEach(Overlay::unlink);
        connecting.commit();
        if (lease.isPresent()) {
            StartPhase restoring = StartPhase.begin(event.machine, "state");
            try {
                migration.read(qmp, limit);
            } catch (QmpException e) {
                lease.get().discard(); // whatever ails it, the next one would fail on it as well
                throw e;
            }
            lease.get().close(); // QEMU has all files of the image open: they may lose their names
            restoring.commit();
        }
    }

    /**
     * Lets the guest run.
     *
     * @param before what has to be told QEMU first
     * @param limit how long QEMU has for each answer
     * @throws QmpException if it did not do what was asked
     * @throws InterruptedException if the thread was interrupted
     */
    void run(List<DiskExchange.Command> before, Duration limit) throws QmpException, InterruptedException {
        StartPhase letting = StartPhase.begin(event.machine, "run");
        for (DiskExchange.Command command : before) {
            qmp.call(command.name(), command.arguments(), limit);
        }
        letGo(limit);
        letting.commit();
        try {
            listener.running();
        } catch (RuntimeException e) {
            LOG.warn("a machine's listener failed to hear that {} runs", info.commandLine(), e);
        }
    }

    // A guest that may have begun must not be begun again, on the same disk, by whoever hears that this start failed.
    private void letGo(Duration limit) throws QmpException, InterruptedException {
        CompletableFuture<JsonElement> answer = qmp.send("cont", new JsonObject());
        try {
            var unused = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof QmpException refused
                    ? refused
                    : new QmpException("cont failed: " + e.getCause());
        } catch (TimeoutException e) {
            ending.lost("QEMU did not tell within " + limit.toMillis() + " ms whether the guest runs");
            end(() -> false);
        }
    }

    /**
     * Lets the guest run as far as it gets without its disks, and stops it there. That is the first that QEMU sees of the guest's programs:
     * it has translated them then.
     *
     * @param waiting is complete when the guest waits
     * @param limit how long QEMU has for each answer
     * @throws QmpException if it did not do what was asked
     * @throws InterruptedException if the thread was interrupted
     */
    void rehearse(Future<?> waiting, Duration limit) throws QmpException, InterruptedException {
        ending.stopWanted(true);
        qmp.call("cont", limit);
        try {
            waiting.get(REHEARSAL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("{}: the guest does not say that it waits for its disks", threadPrefix);
        }
        qmp.call("stop", limit);
        ending.stopWanted(false); // events come before the answer
    }

    /**
     * Stops the guest and saves the machine, which is of no more use then. Its memory and its disks are where they belong already.
     *
     * @param state takes the rest
     * @param limit how long that may take, for each of its parts
     * @throws IOException if it could not be saved
     * @throws InterruptedException if the thread was interrupted
     */
    void save(Path state, Duration limit) throws IOException, InterruptedException {
        ending.stopWanted(true);
        qmp.call("stop", limit);
        MigrationFile.receive(
                state, directory.path(), threadPrefix + "-state", limit, uri -> migration.write(qmp, uri, limit));
    }

    /** Returns where the machine keeps its files. */
    @Override
    public String toString() {
        return "QEMU machine in " + directory;
    }

    /** Returns QEMU's last words so far. */
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
        return meter.read();
    }

    @Override
    public void writeConsole(ByteBuffer bytes) throws IOException, InterruptedException {
        keyboard.write(bytes);
    }

    @Override
    public void kill(String why) {
        if (!exit.isDone() && ending.kill(why)) {
            meter.readLast();
            end(this::askToQuit);
        }
    }

    @Override
    public void close() {
        kill("the machine was closed");
        exit.join(); // does not heed interrupts, and keeps the thread's status
    }

    private void drainAndQuit() {
        attend(
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
            PausedGuestDrain<QmpException> drain =
                    new PausedGuestDrain<>(limit -> qmp.call("query-status", limit), List.of(output, console));
            if (!drain.run(STREAMS_LIMIT)) {
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

    private void end(BooleanSupplier ask) {
        if (beingEnded.compareAndSet(false, true)) {
            attend(
                    "-end",
                    () -> {
                        if (!escalation.end(process, ask)) {
                            abandon();
                        }
                    },
                    process::kill);
        }
    }

    /** Attends to the end of the process on another thread; where there is none to be had, does something else at once. */
    private void attend(String suffix, Activity activity, Runnable otherwise) {
        try {
            thread(suffix, activity).start();
        } catch (OutOfMemoryError e) { // as Java calls it when the host gives it no more threads
            LOG.debug("{}: there is no thread to be polite on", threadPrefix, e);
            otherwise.run();
        }
    }

    // The kernel keeps a process that waits for a broken disk, or is held by a debugger, for as long as it likes.
    // Nobody shall have to wait with it: the thread that watches it stays behind, and all else goes.
    private void abandon() throws InterruptedException {
        MachineExit.Lost lost = new MachineExit.Lost("QEMU process " + process.pid() + " is still there "
                + escalation.killed().toMillis() + " ms after SIGKILL");
        LOG.warn("{}: {}", threadPrefix, lost.why());
        qmp.close();
        console.abandon();
        output.abandon();
        if (!console.awaitEnd(ABANDONED_STREAMS_LIMIT) || !output.awaitEnd(ABANDONED_STREAMS_LIMIT)) {
            LOG.warn("{}: its listener is still busy", threadPrefix);
        }
        release();
        exit.complete(lost);
    }

    private void watch() throws InterruptedException {
        try {
            int status = process.waitFor();
            ending.gone();
            event.status = status;
            event.commit();
            // What QEMU never connected will not be any more.
            qmp.stopWaiting();
            console.stopWaiting();
            output.stopWaiting();
            if (!console.awaitEnd(STREAMS_LIMIT) || !output.awaitEnd(STREAMS_LIMIT) || !qmp.awaitEnd(STREAMS_LIMIT)) {
                LOG.warn("{}: QEMU is gone, and a stream of it still has not come to its end", threadPrefix);
            }
            qmp.close();
            MachineExit how = ending.decide(status, process.lastWords());
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
        keyboard.close();
        overlays.forEach(Overlay::unlink);
        directory.close();
        lease.ifPresent(SnapshotStore.Lease::close);
    }

    private Thread thread(String suffix, Activity activity) {
        Thread thread = new Thread(
                () -> {
                    try {
                        activity.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // nobody has a reason to; the thread ends
                    }
                },
                threadPrefix + suffix);
        thread.setDaemon(true);
        return thread;
    }

    @FunctionalInterface
    private interface Activity {
        void run() throws InterruptedException;
    }

    /** Acts on what QEMU tells. */
    private final class Events implements QmpListener {
        @Override
        public void event(QmpEvent event) {
            migration.handle(event);
            switch (ending.event(event)) {
                case OVER -> letGo(QemuMachine.this::drainAndQuit);
                case QUIT -> letGo(QemuMachine.this::askToQuit);
                case END -> {
                    meter.readLast();
                    end(QemuMachine.this::askToQuit);
                }
                case NONE -> {}
            }
        }

        // QEMU stays, with the guest paused, until it has said what the guest used and has been relieved of what it
        // printed. It may take what time it needs then: it flushes disks.
        private void letGo(Runnable quit) {
            if (over.compareAndSet(false, true)) {
                meter.readLast();
                quit.run();
            }
        }

        @Override
        public void broken(QmpException why) {
            migration.fail(String.valueOf(why.getMessage()));
            ending.lost(String.valueOf(why.getMessage()));
            end(() -> false);
        }

        @Override
        public void closed() {
            migration.fail("QEMU closed the QMP connection");
            // Normal when QEMU ends. One that goes on without it is of no more use to anybody.
            attend(
                    "-closed",
                    () -> {
                        if (!process.waitFor(escalation.asked())) {
                            ending.lost("QEMU closed its QMP connection and went on running");
                            end(() -> false);
                        }
                    },
                    process::kill);
        }
    }
}
