package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.scratch.Scratch;
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

/**
 * Runs each job in its own machine. Uses the hypervisor; owns the scratch directory and the results that are still
 * open.
 */
final class MachineRunner implements Runner {
    private final MachineMaker maker;
    private final Scratch scratch;
    private final RunClock clock;
    private final ThreadFactory threads;
    private final MachineBudget budget;
    private final AdmissionQueue turns;
    private final Hypervisor.Use use;
    private final EventPump.Policy listening;
    private final SecureRandom random = new SecureRandom();
    private final Optional<WarmPool> warmPool;

    // guarded by this
    private final Set<Cancellation> underWay = new HashSet<>();
    private final Set<MachineResult> open = new HashSet<>();
    private int admitted;
    private boolean closed;

    private MachineRunner(Runner.Builder builder, Scratch scratch) {
        this.maker = new MachineMaker(
                builder.hypervisor, builder.root, builder.hardwareAcceleration, builder.warmStart, scratch);
        this.clock = builder.clock;
        this.threads = builder.threadFactory;
        this.budget = builder.budget();
        this.turns = new AdmissionQueue(builder.maxConcurrent, budget);
        this.listening = new EventPump.Policy(builder.listenerBuffer, builder.listenerStall, builder.listenerPatience);
        this.scratch = scratch;
        this.use = builder.hypervisor.use();
        boolean made = false;
        try {
            this.warmPool = builder.warmPool == 0
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
        return Optional.of(maker.root());
    }

    @Override
    public Run start(Job job, RunListener listener) {
        Admission admission = admit(job, listener); // here, and not on the run's thread: first come, first served
        return ThreadRun.start((j, l) -> run(j, l, admission), job, listener, admission::close);
    }

    /** What a run has from the call on: its turn in the queue, and how it gets its machine. */
    private final class Admission implements AutoCloseable {
        private final long at = clock.nanoTime();
        private final AdmissionQueue.Turn turn;
        private final StartStrategy strategy;
        private boolean over; // guarded by the runner

        private Admission(Job job) {
            turn = turns.enter(job.resources());
            strategy = strategy(job);
        }

        private void awaitTurn(EventPump events, Job job, String runId) throws InterruptedException {
            turn.waitsFor().ifPresent(why -> events.add(new RunEvent.Waiting(clock.instant(), job, runId, why)));
            turn.await();
            strategy.admit();
        }

        @Override
        public void close() {
            try {
                strategy.close();
            } finally {
                try {
                    turn.close();
                } finally {
                    leave(this);
                }
            }
        }
    }

    private StartStrategy strategy(Job job) {
        return warmPool.<StartStrategy>flatMap(
                        pool -> pool.take(job).map(ready -> new PreparedStart(ready, pool, maker.hypervisor())))
                .orElseGet(() -> new ColdStart(newRunId(), job, maker));
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
            maker.root().checkMemory(job.resources().memory()); // before it waits for its turn
            Cancellation cancellation = begin();
            String runId = admission.strategy.runId();
            try (EventPump events = EventPump.start(listener, threads, job, runId, listening)) {
                events.add(new RunEvent.Queued(clock.instant(), job, runId));
                admission.awaitTurn(events, job, runId);
                MachineResult result = perform(
                        admission.strategy,
                        new MachineRun(job, maker.hypervisor(), admission.strategy, clock, events, admission.at));
                admission.close(); // the next one need not wait until the listener has heard everything
                result.setDroppedOutput(events.finish());
                return result;
            } finally {
                end(cancellation);
            }
        }
    }

    private MachineResult perform(StartStrategy strategy, MachineRun run)
            throws ConstruirException, InterruptedException {
        MachinePlace place = strategy.place();
        try {
            MachineResult result = run.perform(place.spec(), place.directory(), this::forget);
            synchronized (this) {
                open.add(result);
            }
            return result;
        } catch (ConstruirException | InterruptedException | RuntimeException | Error e) {
            place.directory().close();
            throw e;
        }
    }

    private Optional<WarmPool.Ready> prepare(Resources resources) throws ConstruirException, InterruptedException {
        return maker.prepare(newRunId(), resources, budget);
    }

    private String newRunId() {
        return "job-" + String.format("%012x", random.nextLong() & 0xffff_ffff_ffffL);
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
        warmPool.ifPresent(WarmPool::close);
        results.forEach(MachineResult::close);
        use.close();
        scratch.close();
    }

    private synchronized void awaitRuns() throws InterruptedException {
        while (!underWay.isEmpty() || admitted > 0) {
            wait();
        }
    }

    /** Returns its image and its hypervisor. */
    @Override
    public String toString() {
        return "runner of machines with the image " + maker.root().name() + " on "
                + maker.hypervisor().name();
    }
}
