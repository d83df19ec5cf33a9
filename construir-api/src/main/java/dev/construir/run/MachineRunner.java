package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.Reason;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Policy;
import dev.construir.machine.Tuning;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.thread.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;

/** Gives every job a machine of its own; owns the hypervisor, the scratch directory, and the results that are still open. */
final class MachineRunner implements Runner {
    private final Hypervisor hypervisor;
    private final RootImage root;
    private final Policy hardware;
    private final Policy warmStart;
    private final Scratch scratch;
    private final RunClock clock;
    private final ThreadFactory threads;
    private final Semaphore machines;
    private final EventPump.Policy listening;
    private final SecureRandom random = new SecureRandom();

    // guarded by this
    private final Set<Cancellation> underWay = new HashSet<>();
    private final Set<MachineResult> open = new HashSet<>();
    private boolean closed;

    MachineRunner(RunnerBuilder builder, Scratch scratch) {
        this.hypervisor = builder.hypervisor;
        this.root = builder.root;
        this.hardware = builder.hardware;
        this.warmStart = builder.warmStart;
        this.clock = builder.clock;
        this.threads = builder.threads;
        this.machines = new Semaphore(builder.machines, true);
        this.listening = new EventPump.Policy(builder.listenerBuffer, builder.listenerStall, builder.listenerPatience);
        this.scratch = scratch;
    }

    @Override
    public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
        Objects.requireNonNull(job, "job");
        Cancellation cancellation = begin();
        try (EventPump events = EventPump.start(listener, threads, job.name(), listening)) {
            long accepted = clock.nanoTime();
            String runId = "job-" + String.format("%012x", random.nextLong() & 0xffff_ffff_ffffL);
            events.add(new RunEvent.Queued(clock.instant(), runId));
            machines.acquire();
            MachineResult result;
            try {
                result = perform(new MachineRun(job, runId, hypervisor, clock, events, accepted));
            } finally {
                machines.release();
            }
            result.setDroppedOutput(events.finish());
            return result;
        } finally {
            end(cancellation);
        }
    }

    private MachineResult perform(MachineRun run) throws ConstruirException, InterruptedException {
        ScratchDirectory directory = directory(run);
        try {
            MachineResult result = run.perform(spec(run, directory.path().resolve("job.img")), directory, this::forget);
            synchronized (this) {
                open.add(result);
            }
            return result;
        } catch (ConstruirException | InterruptedException | RuntimeException | Error e) {
            directory.close();
            throw e;
        }
    }

    private ScratchDirectory directory(MachineRun run) throws ConstruirException {
        try {
            return scratch.directory(run.id());
        } catch (IOException e) {
            throw new ScratchException(
                    "no scratch directory for job " + run.job().name() + ": " + Reason.of(e)
                            + "; check that the scratch root has room and was not removed",
                    e);
        }
    }

    private MachineSpec spec(MachineRun run, Path disk) {
        Job job = run.job();
        return new MachineSpec(
                "construir-" + run.id(),
                root.architecture(),
                job.resources().cpus(),
                job.resources().memory(),
                root.boot(),
                List.of(Disk.copyOnWrite(root.disk(), root.format()), Disk.writable(disk, run.id())),
                job.network(),
                hardware,
                warmStart,
                Set.of(Tuning.DISCARD_HOST_FLUSHES));
    }

    private synchronized Cancellation begin() {
        if (closed) {
            throw new IllegalStateException("this runner is closed");
        }
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
        results.forEach(MachineResult::close);
        hypervisor.close();
        scratch.close();
    }

    private synchronized void awaitRuns() throws InterruptedException {
        while (!underWay.isEmpty()) {
            wait();
        }
    }
}
