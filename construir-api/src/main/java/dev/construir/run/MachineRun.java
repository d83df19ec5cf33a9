package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.guest.JobStatus;
import dev.construir.job.Job;
import dev.construir.job.NotAJobException;
import dev.construir.machine.Boot;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineChannel;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of one job in one machine: prepares the disk, starts the machine, watches it and judges its end. Used once,
 * by one thread.
 */
final class MachineRun {
    // A machine that is still there so long after it was killed is lost: killing takes a backend a few seconds at most.
    private static final Duration KILL_PATIENCE = Duration.ofMinutes(1);
    private static final int LAST_WORDS = 60; // lines; a panic of Linux takes about 40

    private final Job job;
    private final String id;
    private final Hypervisor hypervisor;
    private final StartStrategy starter;
    private final RunClock clock;
    private final EventPump events;
    private final RunStopwatch stopwatch;
    private Usage usage = Usage.NONE;

    MachineRun(Job job, Hypervisor hypervisor, StartStrategy starter, RunClock clock, EventPump events, long accepted) {
        this.job = job;
        this.id = starter.runId();
        this.hypervisor = hypervisor;
        this.starter = starter;
        this.clock = clock;
        this.events = events;
        this.stopwatch = new RunStopwatch(accepted, clock.nanoTime());
    }

    MachineResult perform(MachineSpec place, ScratchDirectory directory, Consumer<MachineResult> onClose)
            throws ConstruirException, InterruptedException {
        MachineSpec spec = job.checkpoint()
                .map(saved -> place.withBoot(new Boot.Checkpoint(saved, place.boot())))
                .orElse(place);
        Path disk = spec.disks().get(1).file();
        MachineObserver observer = new MachineObserver(id, job, clock, events, stopwatch);
        Optional<MachineInfo> info = Optional.empty();
        InitialDisk fresh = InitialDisk.UNKNOWN;
        Outcome outcome;
        if (!createDisk(disk)) {
            outcome = new Outcome.Cancelled();
        } else {
            fresh = InitialDisk.inspect(disk, job, spec);
            events.hold();
            try {
                Machine machine = starter.start(spec, observer);
                info = Optional.of(machine.info());
                events.release(new RunEvent.Booting(clock.instant(), job, id, machine.info()));
                connect(machine, observer);
                outcome = watchAndClose(machine, observer, disk);
            } catch (HypervisorException e) {
                throw observer.console().total() == 0
                        ? e
                        : new HypervisorException(
                                FailureMessage.withConsole(
                                        String.valueOf(e.getMessage()), OutputTail.of(observer.console())),
                                e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                outcome = new Outcome.Cancelled();
            }
        }
        stopwatch.gone(clock.nanoTime());
        OutputTail output = OutputTail.of(observer.output());
        OutputTail console = OutputTail.of(observer.console());
        return new MachineResult(
                new MachineResult.Facts(
                        job,
                        id,
                        outcome,
                        stopwatch.timings(),
                        usage,
                        info,
                        output,
                        console,
                        info.isPresent() ? FailureHints.of(outcome, spec, output, console) : List.of()),
                fresh,
                disk,
                new Reproduction(hypervisor, spec),
                directory,
                onClose);
    }

    // false: interrupted
    private boolean createDisk(Path disk) throws ConstruirException {
        try {
            job.createDisk(disk, job.resources().disk());
            return !Thread.currentThread().isInterrupted();
        } catch (NotAJobException e) {
            throw BadJobException.notFound(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            boolean timeout = e instanceof SocketTimeoutException; // an InterruptedIOException that is none
            if (Thread.currentThread().isInterrupted() || (e instanceof InterruptedIOException && !timeout)) {
                Thread.currentThread().interrupt(); // some streams consume it
                return false;
            }
            String why = Reason.of(e);
            String remedy = why.contains("; ") // it says what to do
                    ? ""
                    : "; see that its content is complete and fits, and that the scratch directory has room";
            throw new ConstruirException("the disk of job " + job.name() + " could not be made: " + why + remedy, e);
        }
    }

    private void connect(Machine machine, MachineObserver observer) throws HypervisorException {
        boolean connected = false;
        try {
            if (job.connection().isPresent()) {
                MachineChannel channel = machine.channel()
                        .orElseThrow(() -> new HypervisorException("the backend "
                                + machine.info().hypervisor()
                                + " has no sandbox channel; use another one, for example qemu"));
                job.connection()
                        .get()
                        .accept(new RunConnection(machine, new CountedChannel(channel, observer::exchanged)));
            }
            connected = true;
        } finally {
            if (!connected) {
                machine.close();
            }
        }
    }

    private Outcome watchAndClose(Machine machine, MachineObserver observer, Path disk) {
        MachineExit exit = null;
        try {
            Killing killing = new Killing(machine);
            exit = watch(machine, observer, killing);
            usage = machine.usage();
            events.add(new RunEvent.MachineGone(clock.instant(), job, id, exit));
            return Verdict.of(
                    exit,
                    killing.reason(),
                    () -> JobStatus.on(disk, id),
                    () -> OutputTail.of(observer.console()).lastLines(LAST_WORDS));
        } finally {
            if (exit instanceof MachineExit.Lost) {
                closeInBackground(machine);
            } else {
                machine.close();
            }
        }
    }

    // It may take any time, or never end.
    private void closeInBackground(Machine machine) {
        Thread closer = new Thread(machine::close, "construir-lost-" + id);
        closer.setDaemon(true);
        closer.start();
    }

    private MachineExit watch(Machine machine, MachineObserver observer, Killing killing) {
        LimitTracker limits = new LimitTracker(job.limits(), stopwatch.machineStarted(clock.nanoTime()));
        var unused = machine.exit().thenAccept(observer::gone);
        boolean interrupted = false;
        @Nullable MachineExit exit = null;
        while (exit == null) {
            long now = clock.nanoTime();
            if (limits.wantsSample(now)) {
                limits.sample(now, machine.usage(), observer.activity());
            }
            limits.verdict(now).ifPresent(verdict -> killing.kill(verdict, now));
            if (killing.failed(now)) {
                exit = new MachineExit.Lost(
                        "it is still there " + Durations.format(KILL_PATIENCE) + " after it was killed");
                break;
            }
            try {
                MachineObserver.Signal signal =
                        observer.await(killing.asked() ? killing.untilFailed(now) : limits.untilNext(now));
                if (signal != null) {
                    exit = handle(signal, limits, killing);
                }
            } catch (InterruptedException e) {
                interrupted = true;
                killing.kill(new Outcome.Cancelled(), clock.nanoTime()); // the wait may have been long
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return exit;
    }

    private @Nullable MachineExit handle(MachineObserver.Signal signal, LimitTracker limits, Killing killing) {
        switch (signal.kind()) {
            case JOB_STARTED -> limits.jobStarted(signal.at());
            case JOB_ENDED -> limits.jobEnded(signal.at());
            case FLOODED -> killing.kill(new Outcome.TooMuchOutput(job.limits().output()), signal.at());
            case GONE -> {
                stopwatch.gone(signal.at());
                return signal.exit();
            }
        }
        return null;
    }

    /** The machine's killing: for the first reason only, and with an end to the patience. */
    private static final class Killing {
        private final Machine machine;
        private @Nullable Outcome reason;
        private long since;

        Killing(Machine machine) {
            this.machine = machine;
        }

        void kill(Outcome why, long now) {
            if (reason == null) {
                reason = why;
                since = now;
                machine.kill(why.describe());
            }
        }

        boolean asked() {
            return reason != null;
        }

        Optional<Outcome> reason() {
            return Optional.ofNullable(reason);
        }

        boolean failed(long now) {
            return asked() && untilFailed(now) <= 0;
        }

        long untilFailed(long now) {
            return KILL_PATIENCE.toNanos() - (now - since);
        }
    }
}
