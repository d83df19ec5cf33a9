package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;

/** Gives every job a machine of its own; uses the hypervisor, owns the scratch directory, and the results that are still open. */
final class MachineRunner implements Runner {
    private final Hypervisor hypervisor;
    private final RootImage root;
    private final Preference hardware;
    private final Preference warmStart;
    private final Scratch scratch;
    private final RunClock clock;
    private final ThreadFactory threads;
    private final MachineBudget budget;
    private final TurnQueue turns;
    private final Hypervisor.Use use;
    private final EventPump.Policy listening;
    private final SecureRandom random = new SecureRandom();
    private final Optional<WarmPool> ready;

    // guarded by this
    private final Set<Cancellation> underWay = new HashSet<>();
    private final Set<MachineResult> open = new HashSet<>();
    private int admitted;
    private boolean closed;

    private MachineRunner(Runner.Builder builder, Scratch scratch) {
        this.hypervisor = builder.hypervisor;
        this.root = builder.root;
        this.hardware = builder.hardwareAcceleration;
        this.warmStart = builder.warmStart;
        this.clock = builder.clock;
        this.threads = builder.threadFactory;
        this.budget = builder.budget();
        this.turns = new TurnQueue(builder.maxConcurrent, budget);
        this.listening = new EventPump.Policy(builder.listenerBuffer, builder.listenerStall, builder.listenerPatience);
        this.scratch = scratch;
        this.use = hypervisor.use();
        boolean made = false;
        try {
            this.ready = builder.warmPool == 0
                    ? Optional.empty()
                    : Optional.of(WarmPool.start(builder.warmPool, builder.readyResources, this::prepare, threads));
            made = true;
        } finally {
            if (!made) {
                use.close();
            }
        }
    }

    static Runner open(Runner.Builder builder) throws ConstruirException {
        Scratch scratch = openScratch(builder.scratch);
        boolean built = false;
        try {
            Runner runner = new MachineRunner(builder, scratch);
            built = true;
            return runner;
        } finally {
            if (!built) {
                scratch.close();
            }
        }
    }

    private static Scratch openScratch(Path root) throws ConstruirException {
        try {
            return Scratch.open(root, leftover -> {});
        } catch (IOException e) {
            throw new ConstruirException(
                    "the scratch directory " + root + " cannot be used: " + Reason.of(e)
                            + "; Runner.Builder.scratch sets another one",
                    e);
        }
    }

    /** Makes the threads of a runner that has no factory for them. */
    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
        return run(job, listener, admit(job, listener));
    }

    @Override
    public Optional<RootImage> root() {
        return Optional.of(root);
    }

    @Override
    public Run start(Job job, RunListener listener) {
        Admission admission = admit(job, listener); // here, and not on the run's thread: first come, first served
        return ThreadRun.start((j, l) -> run(j, l, admission), job, listener, admission::close);
    }

    /** What a run has from the moment in which it was asked for: its place in the queue, and perhaps a machine that was kept ready. */
    private final class Admission implements AutoCloseable {
        private final long at = clock.nanoTime();
        private final Optional<WarmPool.Ready> machine;
        private final TurnQueue.Turn turn;
        private boolean replaced;
        private boolean over; // guarded by the runner

        private Admission(Job job) {
            turn = turns.enter(job.resources());
            machine = ready.flatMap(waiting -> waiting.take(job));
        }

        private void awaitTurn(EventPump events, Job job, String runId) throws InterruptedException {
            turn.waitsFor().ifPresent(why -> events.add(new RunEvent.Waiting(clock.instant(), job, runId, why)));
            turn.await();
            replace();
        }

        private void replace() {
            if (machine.isPresent() && !replaced) {
                replaced = true;
                ready.orElseThrow().replace();
            }
        }

        @Override
        public void close() {
            try {
                giveBackMachine();
            } finally {
                try {
                    turn.close();
                } finally {
                    leave(this);
                }
            }
        }

        private void giveBackMachine() {
            boolean unused = machine.isPresent() && !replaced;
            replace();
            if (unused) {
                machine.get().discard();
            } else {
                machine.ifPresent(used -> used.machine().close());
            }
        }
    }

    private synchronized Admission admit(Job job, RunListener listener) {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(listener, "listener");
        checkOpen();
        Admission admission = new Admission(job);
        admitted++;
        return admission;
    }

    private synchronized void leave(Admission admission) {
        if (!admission.over) {
            admission.over = true;
            admitted--;
            notifyAll();
        }
    }

    private JobResult run(Job job, RunListener listener, Admission admission)
            throws ConstruirException, InterruptedException {
        try (admission) {
            root.checkMemory(job.resources().memory()); // before it waits for its turn
            Cancellation cancellation = begin();
            String runId = admission.machine.map(WarmPool.Ready::runId).orElseGet(this::newRunId);
            try (EventPump events = EventPump.start(listener, threads, job, runId, listening)) {
                events.add(new RunEvent.Queued(clock.instant(), job, runId));
                admission.awaitTurn(events, job, runId);
                MachineResult result = perform(
                        new MachineRun(job, runId, hypervisor, starter(admission.machine), clock, events, admission.at),
                        admission.machine);
                admission.close(); // the next one need not wait until the listener has heard everything
                result.setDroppedOutput(events.finish());
                return result;
            } finally {
                end(cancellation);
            }
        }
    }

    private MachineStarter starter(Optional<WarmPool.Ready> ready) {
        return ready.<MachineStarter>map(machine -> (spec, listener) -> machine.start(hypervisor::start, listener))
                .orElse(hypervisor::start);
    }

    private MachineResult perform(MachineRun run, Optional<WarmPool.Ready> ready)
            throws ConstruirException, InterruptedException {
        ScratchDirectory directory = ready.isPresent()
                ? ready.get().directory()
                : directory(run.id(), "job " + run.job().name());
        try {
            MachineSpec spec = ready.isPresent()
                    ? ready.get().spec()
                    : spec(run.id(), directory, run.job().resources(), run.job().network());
            MachineResult result = run.perform(spec, directory, this::forget);
            synchronized (this) {
                open.add(result);
            }
            return result;
        } catch (ConstruirException | InterruptedException | RuntimeException | Error e) {
            directory.close();
            throw e;
        }
    }

    private Optional<WarmPool.Ready> prepare(Resources resources) throws ConstruirException, InterruptedException {
        String runId = newRunId();
        ScratchDirectory directory = directory(runId, "a machine to be kept ready");
        boolean prepared = false;
        try (MachineBudget.Place share = budget.enter(resources.cpus(), resources.memory())) {
            share.await(); // only while it is made: one that waits uses next to nothing
            MachineSpec spec = spec(runId, directory, resources, Network.NONE);
            Optional<WarmPool.Ready> machine =
                    hypervisor.prepare(spec).map(waits -> new WarmPool.Ready(runId, directory, spec, waits));
            prepared = machine.isPresent();
            return machine;
        } finally {
            if (!prepared) {
                directory.close();
            }
        }
    }

    private String newRunId() {
        return "job-" + String.format("%012x", random.nextLong() & 0xffff_ffff_ffffL);
    }

    private ScratchDirectory directory(String runId, String purpose) throws ConstruirException {
        try {
            return scratch.directory(runId);
        } catch (IOException e) {
            throw new ScratchException(
                    "no scratch directory for " + purpose + ": " + Reason.of(e)
                            + "; check that the scratch root has room and was not removed",
                    e);
        }
    }

    private MachineSpec spec(String runId, ScratchDirectory directory, Resources resources, Network network) {
        return new MachineSpec(
                "construir-" + runId,
                root.architecture(),
                resources.cpus(),
                resources.memory(),
                root.boot(),
                List.of(
                        Disk.copyOnWrite(root.disk(), root.format()),
                        Disk.writable(directory.path().resolve("job.img"), runId)),
                network,
                hardware,
                warmStart,
                CacheMode.UNSAFE);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this runner is closed; make another one");
        }
    }

    private synchronized Cancellation begin() {
        checkOpen();
        Cancellation cancellation = new Cancellation(Thread.currentThread());
        underWay.add(cancellation);
        return cancellation;
    }

    private synchronized void end(Cancellation cancellation) {
        cancellation.disarm();
        underWay.remove(cancellation);
        notifyAll();
    }

    private synchronized void forget(MachineResult result) {
        open.remove(result);
    }

    @Override
    public void close() {
        List<MachineResult> results;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            underWay.forEach(Cancellation::cancel);
            Uninterrupted.run(this::awaitRuns);
            results = List.copyOf(open);
        }
        ready.ifPresent(WarmPool::close);
        results.forEach(MachineResult::close);
        use.close();
        scratch.close();
    }

    private synchronized void awaitRuns() throws InterruptedException {
        while (!underWay.isEmpty() || admitted > 0) {
            wait();
        }
    }

    /** Returns what it runs jobs in. */
    @Override
    public String toString() {
        return "runner of machines with the image " + root.name() + " on " + hypervisor.name();
    }
}
