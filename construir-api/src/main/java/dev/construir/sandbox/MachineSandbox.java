package dev.construir.sandbox;

import dev.construir.ConstruirException;
import dev.construir.DataSize;
import dev.construir.channel.ChannelLostException;
import dev.construir.channel.ChannelSession;
import dev.construir.channel.ChannelStream;
import dev.construir.channel.OpenRequest;
import dev.construir.disk.read.DiskReader;
import dev.construir.disk.read.ExtractOptions;
import dev.construir.disk.read.ExtractReport;
import dev.construir.disk.write.DiskContent;
import dev.construir.job.Job;
import dev.construir.machine.MachineConnection;
import dev.construir.run.Outcome;
import dev.construir.run.Run;
import dev.construir.run.Runner;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox: a run, and the session on its machine's channel. Owns both, the ports that are forwarded, and a scratch
 * directory from the first copy on.
 */
final class MachineSandbox implements Sandbox {
    private static final int PORT_PAUSE_MILLIS = 50;
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration QUIESCE_LIMIT = Duration.ofMinutes(5); // gigabytes may have to be written
    private static final long REASON_PATIENCE = 10; // seconds until a machine that is gone has an outcome

    private final SandboxOptions options;
    private final CompletableFuture<String> id;
    private final SandboxLife life;
    private final MachineConnection machine;
    private final ChannelSession session;
    private final RunnerHold hold;
    private final AtomicLong printed = new AtomicLong();
    private final AtomicInteger jobs = new AtomicInteger();
    private final CompletableFuture<Loss> reason = new CompletableFuture<>();
    private final ReentrantLock saving = new ReentrantLock();
    // guarded by this
    private final Map<Integer, StreamExecution> executions = new LinkedHashMap<>();
    private final Set<PortForward> forwards = new HashSet<>();
    private @Nullable Scratch scratch;
    private boolean closed;

    private MachineSandbox(
            SandboxOptions options,
            CompletableFuture<String> id,
            SandboxLife life,
            MachineConnection machine,
            ChannelSession session,
            RunnerHold hold) {
        this.options = options;
        this.id = id;
        this.life = life;
        this.machine = machine;
        this.session = session;
        this.hold = hold;
        var unused = session.lost().thenAccept(this::lost);
    }

    static MachineSandbox open(RunnerHold hold, SandboxOptions options, Optional<Path> checkpoint)
            throws ConstruirException, InterruptedException {
        Runner runner = hold.runner();
        SandboxJob job = new SandboxJob(options, checkpoint);
        CompletableFuture<String> id = new CompletableFuture<>();
        Run run = runner.start(job, event -> {
            id.complete(event.runId());
            options.listener().on(event);
        });
        boolean connected = false;
        try {
            MachineConnection machine = connect(job, run, runner, options);
            ChannelSession session = ChannelSession.start(machine.channel(), "construir-sandbox-" + options.name());
            MachineSandbox sandbox = new MachineSandbox(options, id, new RunLife(run), machine, session, hold);
            connected = true;
            return sandbox.greeted(runner, run);
        } finally {
            if (!connected) {
                run.close();
            }
        }
    }

    /** Returns the sandbox that the machine of a failed job has become. */
    static MachineSandbox ofFailed(Job job, MachineConnection machine, ChannelSession session) {
        Runner none = (other, listener) -> {
            throw new ConstruirException("a sandbox in the machine of a job opens no others; open one by a runner");
        };
        return new MachineSandbox(
                SandboxOptions.DEFAULT.withName("failed").withLimits(job.limits()),
                CompletableFuture.completedFuture(job.name()),
                new FailedJobLife(),
                machine,
                session,
                RunnerHold.of(none));
    }

    private MachineSandbox greeted(Runner runner, Run run) throws ConstruirException, InterruptedException {
        boolean greeted = false;
        try {
            greet(runner);
            greeted = true;
            return this;
        } finally {
            if (!greeted) {
                session.close();
                run.close();
            }
        }
    }

    private static MachineConnection connect(SandboxJob job, Run run, Runner runner, SandboxOptions options)
            throws ConstruirException, InterruptedException {
        CompletableFuture<Object> first = CompletableFuture.anyOf(job.connected(), run.result())
                .exceptionally(failure -> "failed"); // which the run says better
        if (Waiting.on(first) instanceof MachineConnection machine) {
            return machine;
        }
        throw ended(run.await().outcome(), runner, options);
    }

    private void greet(Runner runner) throws ConstruirException, InterruptedException {
        try {
            // The run's boot limit ends a machine that does not come up, and with it the channel.
            session.greet(options.name(), options.limits().boot().plus(START_LIMIT));
        } catch (ChannelLostException e) {
            Optional<Outcome> outcome = Waiting.on(reason).outcome();
            throw outcome.isPresent()
                    ? ended(outcome.get(), runner, options)
                    : new SandboxLostException(
                            "the sandbox " + options.name() + " could not be opened: " + e.getMessage(), e);
        }
    }

    /**
     * Why the sandbox was lost.
     *
     * @param why the reason
     * @param outcome how its machine ended, if that is the reason
     */
    record Loss(String why, Optional<Outcome> outcome) {
        static Loss of(String why) {
            return new Loss(why, Optional.empty());
        }
    }

    private static SandboxLostException ended(Outcome outcome, Runner runner, SandboxOptions options) {
        String image =
                runner.root().map(root -> "the root image " + root.name()).orElse("the root image");
        boolean noAgent = outcome instanceof Outcome.Exited || outcome instanceof Outcome.NoStatus;
        return new SandboxLostException("the sandbox " + options.name() + " could not be opened: its machine ended: "
                + outcome.describe()
                + (noAgent ? "; perhaps " + image + " was built before there were sandboxes: build it anew" : ""));
    }

    private void lost(ChannelSession.Loss loss) {
        closeForwards();
        Loss known = Loss.of(loss.why());
        CompletableFuture<Loss> why = !loss.machineEnded()
                ? CompletableFuture.completedFuture(known)
                : life.outcome() // which comes later
                        .thenApply(how -> new Loss("its machine ended: " + how.describe(), Optional.of(how)))
                        .exceptionally(failure -> known)
                        .completeOnTimeout(known, REASON_PATIENCE, TimeUnit.SECONDS);
        var unused = why.thenAccept(best -> {
            reason.complete(best);
            life.cancel(); // a machine that still runs cannot be used any more
        });
    }

    /** Returns why the sandbox was lost, once that is known. */
    CompletableFuture<Loss> whyLost(String otherwise) {
        return reason.copy().completeOnTimeout(Loss.of(otherwise), 2 * REASON_PATIENCE, TimeUnit.SECONDS);
    }

    SandboxLostException lostWhile(String what, IOException cause) {
        String why = whyLost(String.valueOf(cause.getMessage())).join().why();
        return new SandboxLostException(what + ": the sandbox " + options.name() + " is lost: " + why, cause);
    }

    /** Takes note of output, on the session's thread. */
    void printed(int length) {
        DataSize limit = options.limits().output();
        if (printed.addAndGet(length) > limit.bytes()) {
            Outcome outcome = new Outcome.TooMuchOutput(limit);
            if (reason.complete(new Loss("its commands printed more than " + limit, Optional.of(outcome)))) {
                session.close("the sandbox is lost: its commands printed more than " + limit);
            }
        }
    }

    void ended(StreamExecution execution) {
        synchronized (this) {
            executions.values().remove(execution);
        }
    }

    void thread(String suffix, Runnable work) {
        Thread thread = new Thread(work, "construir-sandbox-" + options.name() + suffix);
        thread.setDaemon(true);
        thread.start();
    }

    ChannelStream stream(String what, ByteBuffer request, IntConsumer meter) throws SandboxLostException {
        try {
            return session.open(request, meter);
        } catch (ChannelLostException e) {
            throw lostWhile(what, e);
        }
    }

    StreamExecution start(Command command, boolean interactive) throws SandboxLostException {
        StreamExecution execution = new StreamExecution(this, command);
        ChannelStream stream = stream(
                "could not start " + command, OpenRequest.exec(command.request(interactive)), execution::printed);
        synchronized (this) {
            executions.put(stream.id(), execution);
        }
        execution.begin(stream, command, interactive);
        return execution;
    }

    @Override
    public String id() {
        return id.join(); // the first event of a run came before its machine
    }

    @Override
    public Command exec(List<String> arguments) {
        return new Command(this, arguments);
    }

    @Override
    public void copyIn(DiskContent content, String directory)
            throws ConstruirException, IOException, InterruptedException {
        Command.checkText("a directory", directory);
        try (ScratchDirectory place = place()) {
            TreeCopy.in(this, content, directory, place.path().resolve("tree.img"));
        }
    }

    @Override
    public ExtractReport copyOut(String source, Path target, ExtractOptions copy)
            throws ConstruirException, IOException, InterruptedException {
        Command.checkText("a path", source);
        try (ScratchDirectory place = place()) {
            return TreeCopy.out(this, source, target, copy, place.path().resolve("tree.img"));
        }
    }

    @Override
    public ExecutionResult run(Job job) throws ConstruirException, IOException, InterruptedException {
        String directory = "/job/run-" + jobs.incrementAndGet();
        try (ScratchDirectory place = place()) {
            Path disk = place.path().resolve("job.img");
            job.createDisk(disk, job.resources().disk());
            try (DiskReader reader = DiskReader.open(disk)) {
                TreeCopy.in(this, reader, directory);
            }
        }
        return exec(directory + "/bin/construir")
                .directory(directory)
                .timeout(job.limits().total())
                .maxOutput(job.limits().output())
                .run();
    }

    @Override
    public PortForward forward(int guestPort, int hostPort) throws ConstruirException, IOException {
        checkPort(guestPort, 1);
        checkPort(hostPort, 0);
        return register(HostPort.open(this, guestPort, hostPort));
    }

    @Override
    public PortForward listen(int guestPort, InetSocketAddress target) throws ConstruirException, InterruptedException {
        checkPort(guestPort, 0);
        return register(GuestPort.open(this, guestPort, target, START_LIMIT));
    }

    private static void checkPort(int port, int least) {
        if (port < least || port > 65_535) {
            throw new IllegalArgumentException("a port is " + least + " to 65535, not " + port);
        }
    }

    private PortForward register(PortForward forward) {
        boolean late;
        synchronized (this) {
            late = !isOpen();
            forwards.add(forward);
        }
        if (late) {
            forward.close();
        }
        return forward;
    }

    void ended(PortForward forward) {
        synchronized (this) {
            forwards.remove(forward);
        }
    }

    private void closeForwards() {
        List<PortForward> open;
        synchronized (this) {
            open = List.copyOf(forwards);
        }
        open.forEach(PortForward::close);
    }

    private ScratchDirectory place() throws IOException {
        synchronized (this) {
            if (closed) {
                throw new IOException("the sandbox " + options.name() + " is closed");
            }
            if (scratch == null) {
                scratch = Scratch.open(Scratch.defaultRoot().resolve("sandboxes"), leftover -> {});
            }
            return scratch.directory("copy");
        }
    }

    @Override
    public Checkpoint checkpoint() throws ConstruirException, IOException, InterruptedException {
        ScratchCheckpointDirectory directory = ScratchCheckpointDirectory.create();
        boolean saved = false;
        try {
            saveTo(directory.machine());
            saved = true;
            return new SandboxCheckpoint(hold.share(), options, directory.machine(), directory::close);
        } finally {
            if (!saved) {
                directory.close();
            }
        }
    }

    @Override
    public void checkpoint(CheckpointStore store, String name)
            throws ConstruirException, IOException, InterruptedException {
        store.save(name, this, hold.runner(), options);
    }

    /** Saves it in a directory, which may be there if it is empty. */
    void saveTo(Path directory) throws ConstruirException, IOException, InterruptedException {
        saving.lockInterruptibly(); // one instant at a time
        try {
            session.quiesce(QUIESCE_LIMIT);
            machine.checkpoint(directory);
        } catch (ChannelLostException e) {
            throw lostWhile("could not make a checkpoint", e);
        } catch (TimeoutException e) {
            throw new SandboxException(
                    "could not make a checkpoint of the sandbox " + options.name()
                            + ": its guest did not write its file systems back within " + QUIESCE_LIMIT.toSeconds()
                            + " s; try again when it writes less",
                    e);
        } finally {
            session.resume();
            saving.unlock();
        }
    }

    @Override
    public void awaitPort(int guestPort, Duration limit) throws ConstruirException, InterruptedException {
        checkPort(guestPort, 1);
        long start = System.nanoTime();
        while (!isConnected(guestPort, limit.minusNanos(System.nanoTime() - start))) {
            if (System.nanoTime() - start >= Waiting.nanos(limit)) {
                throw new SandboxException("nothing listens at port " + guestPort + " of the sandbox " + options.name()
                        + " after " + limit.toMillis() + " ms");
            }
            Thread.sleep(PORT_PAUSE_MILLIS);
        }
    }

    private boolean isConnected(int guestPort, Duration limit) throws ConstruirException, InterruptedException {
        ChannelStream stream = stream("could not wait for a port", OpenRequest.connect(guestPort), length -> {});
        try {
            return stream.started()
                    .thenApply(begun -> true)
                    .completeOnTimeout(false, Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ChannelLostException lost) {
                throw lostWhile("could not wait for a port", lost);
            }
            return false; // it was refused
        } finally {
            stream.close();
        }
    }

    @Override
    public Duration ping(Duration limit) throws SandboxLostException, InterruptedException {
        try {
            return session.ping(limit);
        } catch (ChannelLostException e) {
            throw lostWhile("no answer to a ping", e);
        }
    }

    @Override
    public List<Execution> executions() {
        synchronized (this) {
            return List.copyOf(executions.values());
        }
    }

    @Override
    public boolean isOpen() {
        return !session.lost().isDone();
    }

    @Override
    public CompletableFuture<String> ended() {
        return Waiting.apart(reason.thenApply(Loss::why));
    }

    @Override
    public void close() {
        Scratch used;
        synchronized (this) {
            used = closed ? null : scratch;
            closed = true;
        }
        life.depart(session);
        session.close();
        life.close();
        Uninterrupted.run(() -> {
            var unused = Waiting.on(session.lost());
        });
        if (used != null) {
            used.close();
        }
        hold.close();
    }

    /** Returns its name. */
    @Override
    public String toString() {
        return "sandbox " + options.name();
    }
}
