package dev.construir.run;

import dev.construir.DataSize;
import dev.construir.guest.ConsoleLines;
import dev.construir.job.Job;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineListener;
import dev.construir.machine.Preparation;
import dev.construir.text.TailBuffer;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records the machine's output and signals the run thread on state changes. Called on backend threads; blocks at most
 * for the configured listener stall.
 */
final class MachineObserver implements MachineListener {
    /** What the run's thread must handle. */
    enum Kind {
        JOB_STARTED,
        JOB_ENDED,
        FLOODED,
        GONE
    }

    /** Something happened, at a time of the run's clock. */
    record Signal(Kind kind, long at, @Nullable MachineExit exit) {}

    private final String runId;
    private final Job job;
    private final RunClock clock;
    private final EventPump events;
    private final RunStopwatch stopwatch;
    private final DataSize outputLimit;
    private final ConsoleLines lines;
    private final TailBuffer console = new TailBuffer();
    private final TailBuffer output = new TailBuffer();
    private final AtomicLong exchanged = new AtomicLong();
    private final AtomicBoolean flooded = new AtomicBoolean();
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();

    MachineObserver(String runId, Job job, RunClock clock, EventPump events, RunStopwatch stopwatch) {
        this.runId = runId;
        this.job = job;
        this.clock = clock;
        this.events = events;
        this.stopwatch = stopwatch;
        this.outputLimit = job.limits().output();
        this.lines = new ConsoleLines(runId, this::guestSays);
    }

    @Override
    public void preparing(Preparation work) {
        events.preparing(new RunEvent.Preparing(clock.instant(), job, runId, work));
    }

    @Override
    public void running() {
        stopwatch.machineStarted(clock.nanoTime());
    }

    @Override
    public void console(ByteBuffer bytes) {
        console.add(bytes);
        lines.scan(bytes);
        limit();
    }

    @Override
    public void output(ByteBuffer bytes) {
        jobStarted(); // the console's word for it may still be on its way
        output.add(bytes);
        limit();
        events.output(clock.instant(), bytes);
    }

    // Without an output port a job prints on the console.
    private void limit() {
        if (printed() > outputLimit.bytes() && flooded.compareAndSet(false, true)) {
            post(Kind.FLOODED, null);
        }
    }

    /** The machine is gone, and nothing more comes from it. */
    void gone(MachineExit exit) {
        post(Kind.GONE, exit);
    }

    /** Waits for the next sign; null when the time is over. */
    @Nullable
    Signal await(long nanos) throws InterruptedException {
        return signals.poll(nanos, TimeUnit.NANOSECONDS);
    }

    /** Returns how much the machine has printed, on its console and its output port. */
    long printed() {
        return console.total() + output.total();
    }

    /** Takes note of bytes on the machine's channel, in either direction. */
    void exchanged(int bytes) {
        exchanged.addAndGet(bytes);
    }

    /** Returns how much has passed between the machine and the host: a number that grows while the machine is used. */
    long activity() {
        return printed() + exchanged.get();
    }

    TailBuffer console() {
        return console;
    }

    TailBuffer output() {
        return output;
    }

    private void guestSays(ConsoleLines.Word word) {
        switch (word) {
            case READY -> {}
            case STARTED -> jobStarted();
            case ENDED -> jobEnded();
        }
    }

    private void jobStarted() {
        if (stopwatch.jobStarted(clock.nanoTime())) {
            events.add(new RunEvent.JobStarted(clock.instant(), job, runId));
            post(Kind.JOB_STARTED, null);
        }
    }

    private void jobEnded() {
        if (stopwatch.jobEnded(clock.nanoTime())) {
            events.add(new RunEvent.JobEnded(clock.instant(), job, runId));
            post(Kind.JOB_ENDED, null);
        }
    }

    private void post(Kind kind, @Nullable MachineExit exit) {
        signals.add(new Signal(kind, clock.nanoTime(), exit));
    }
}
