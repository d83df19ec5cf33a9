package dev.construir.queue;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.machine.HypervisorException;
import dev.construir.run.BadJobException;
import dev.construir.run.JobResult;
import dev.construir.run.Outcome;
import dev.construir.run.Runner;
import dev.construir.run.ScratchException;
import dev.construir.text.ControlCharacters;
import dev.construir.text.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one job of a queue after the other, until it must stop.
 *
 * @param queue where they come from
 * @param runner runs them
 * @param settings what is done to each before
 * @param bounds what jobs may ask for themselves; empty if they are not asked
 * @param reserves the room that must be free before one is claimed
 * @param patience for how long a result is kept that cannot be stored
 * @param listener receives what happens
 * @param stop says when to stop
 * @param clock on whose threads claims are renewed
 * @param renewal how often they are
 * @param slots how many jobs may run at a time; there are twice as many workers, as some of them store results
 * @param unstarted how many jobs in a row got no machine, whichever worker had them
 */
record Worker(
        JobQueue queue,
        Runner runner,
        UnaryOperator<Job> settings,
        Optional<JobBounds> bounds,
        List<FreeSpaceGuard> reserves,
        Duration patience,
        QueueListener listener,
        DrainSignal stop,
        ScheduledExecutorService clock,
        Duration renewal,
        JobSlots slots,
        AtomicInteger unstarted)
        implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration TURN = Duration.ofMillis(500);
    /** So many jobs in a row without a machine show that the host is at fault, not the jobs. */
    private static final int HOST_AT_FAULT = 2;

    /** The kernel's texts for ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EIO and EROFS: Java shows no error numbers. */
    private static final List<String> HOSTS = List.of(
            "No space left on device",
            "Disk quota exceeded",
            "Too many open files",
            "Cannot allocate memory",
            "Input/output error",
            "Read-only file system");

    @Override
    public void run() {
        Backoff host = new Backoff();
        Backoff trouble = new Backoff();
        try {
            while (!stop.isDraining()) {
                turn(host, trouble);
            }
        } catch (InterruptedException e) {
            LOG.debug("{} was stopped", Thread.currentThread().getName()); // and ends here
        }
    }

    private void turn(Backoff host, Backoff trouble) throws InterruptedException {
        Optional<JobSlots.Slot> free = slots.run(TURN);
        if (free.isEmpty()) {
            return; // the limit of running jobs is reached
        }
        try (JobSlots.Slot slot = free.get()) {
            turn(slot, host, trouble);
        }
    }

    private void turn(JobSlots.Slot slot, Backoff host, Backoff trouble) throws InterruptedException {
        try {
            for (FreeSpaceGuard reserve : reserves) {
                reserve.check();
            }
            Optional<Claim> claimed = queue.claim(TURN);
            if (claimed.isPresent() && stop.isDraining()) {
                claimed.get().close(); // drained while waiting for it
            } else if (claimed.isPresent()) {
                turn(claimed.get(), slot, host);
            }
            trouble.reset();
        } catch (IOException e) {
            pause("the queue: " + Reason.of(e), trouble);
        } catch (RuntimeException | Error e) { // the worker must survive: its loss would go unnoticed
            LOG.error("the queue failed in a way that it should not", e);
            pause("the queue: " + e, trouble);
        }
    }

    private void turn(Claim claimed, JobSlots.Slot slot, Backoff host) throws IOException, InterruptedException {
        String name = claimed.name();
        try (Claim claim = claimed) {
            long begin = System.nanoTime();
            notifyListener(to -> to.claimed(name, claim.attempt()));
            perform(claim, slot, begin, host);
        } catch (ClaimLostException e) {
            notifyListener(to -> to.lost(name, String.valueOf(e.getMessage())));
        } finally {
            notifyListener(to -> to.released(name));
        }
    }

    private void perform(Claim claim, JobSlots.Slot slot, long begin, Backoff host)
            throws IOException, InterruptedException {
        try (JobResult result = run(claim)) {
            if (result.outcome() instanceof Outcome.Cancelled) {
                boolean unused = Thread.interrupted(); // clears the cancel, which would interrupt giving back
                giveBack(claim, "cancelled");
                if (!stop.isDraining()) { // cancelled by another caller: without a pause the job returns at once
                    pause("a run was cancelled", host);
                }
            } else if (result.outcome() instanceof Outcome.HostDiskFull full) {
                noRoom(claim, full.describe(), host);
            } else if (handIn(claim, slot, result, host)) {
                host.reset();
                unstarted.set(0);
                Duration took = Duration.ofNanos(System.nanoTime() - begin);
                notifyListener(to -> to.completed(claim.name(), result.outcome(), result.hints(), took));
            }
        } catch (HypervisorException | ScratchException e) {
            noMachine(claim, String.valueOf(e.getMessage()), host);
        } catch (BadJobException e) {
            reject(claim, e);
        } catch (ConstruirException e) {
            notRun(claim, e, host);
        } catch (RuntimeException | Error e) { // the job may be the cause, so this costs an attempt
            LOG.warn("job {} could not be run", ControlCharacters.escape(claim.name()), e);
            fail(claim, e.toString());
            pause(e.toString(), host);
        }
    }

    private JobResult run(Claim claim) throws ConstruirException, InterruptedException {
        Job job = job(claim);
        try (ClaimRenewal running = new ClaimRenewal(claim, clock, renewal)) {
            try {
                return runner.run(job, event -> listener.ran(claim.name(), event));
            } catch (InterruptedException e) {
                if (running.isWanted() || stop.isDraining()) {
                    throw e;
                }
                return JobResult.of(job, new Outcome.Cancelled()); // the queue took it back before the machine started
            }
        }
    }

    private Job job(Claim claim) throws ConstruirException {
        Job usual = settings.apply(claim.job());
        Optional<JobSettings> own = bounds.isPresent() ? claim.settings() : Optional.empty();
        return own.isPresent() ? own.get().applyTo(usual, bounds.get()) : usual;
    }

    /** Tries to store a result for a limited time only: it takes room, and may itself be what fills the disk. */
    private boolean handIn(Claim claim, JobSlots.Slot slot, JobResult result, Backoff host)
            throws IOException, InterruptedException {
        JobSlots.Slot storing = slots.store();
        try {
            slot.close(); // the machine is gone, so the next job may start while this disk is packed
            return handIn(claim, result, host);
        } finally {
            storing.close();
        }
    }

    private boolean handIn(Claim claim, JobResult result, Backoff host) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            try {
                claim.complete(result);
                return true;
            } catch (ClaimLostException e) {
                throw e;
            } catch (IOException e) {
                String why = "the result of " + claim.name() + " cannot be stored: " + Reason.of(e);
                if (stop.isDraining()) {
                    throw new IOException(why, e);
                }
                if (System.nanoTime() - begin >= patience.toNanos()) {
                    fail(claim, why);
                    return false;
                }
                pause(why, host);
            }
        }
    }

    private void noMachine(Claim claim, String why, Backoff host) throws IOException, InterruptedException {
        if (unstarted.getAndIncrement() >= HOST_AT_FAULT) {
            giveBack(claim, why);
        } else {
            fail(claim, why);
        }
        pause(why, host);
    }

    /**
     * Costs an attempt: the job itself may use up the host's room. {@link FreeSpaceGuard} waits while a disk is full
     * before.
     */
    private void noRoom(Claim claim, String why, Backoff host) throws IOException, InterruptedException {
        fail(claim, why);
        pause(why, host);
    }

    private void notRun(Claim claim, ConstruirException e, Backoff host) throws IOException, InterruptedException {
        if (e.getCause() instanceof IOException cause && isHosts(cause)) {
            noRoom(claim, String.valueOf(e.getMessage()), host);
        } else {
            reject(claim, e);
        }
    }

    private static boolean isHosts(IOException e) {
        String text = String.valueOf(e.getMessage());
        return HOSTS.stream().anyMatch(text::contains);
    }

    private void reject(Claim claim, ConstruirException e) throws IOException {
        String why = claim.explain(String.valueOf(e.getMessage()));
        claim.reject(why);
        notifyListener(to -> to.rejected(claim.name(), why));
    }

    private void fail(Claim claim, String what) throws IOException {
        String why = claim.explain(what);
        claim.fail(why);
        notifyListener(to -> to.failed(claim.name(), why));
    }

    private void giveBack(Claim claim, String why) throws IOException {
        claim.giveBack();
        notifyListener(to -> to.givenBack(claim.name(), why));
    }

    private void pause(String why, Backoff host) throws InterruptedException {
        Duration pause = host.next();
        notifyListener(to -> to.waiting(why, pause));
        stop.pause(pause);
    }

    private void notifyListener(Consumer<QueueListener> call) {
        try {
            call.accept(listener);
        } catch (RuntimeException e) {
            LOG.warn("a listener failed; the work goes on", e);
        }
    }
}
