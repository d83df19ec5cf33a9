package dev.construir.qemu;

import dev.construir.machine.MachineExit;
import dev.construir.qemu.process.KillEscalation;
import dev.construir.qemu.process.QemuProcess;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the QEMU process of a machine, on daemon threads that live for as long as that takes. Safe for use by many
 * threads.
 *
 * <p>The kernel keeps a process that waits for a broken disk, or that a debugger holds, for as long as it likes. Such a
 * process is given up.
 */
final class MachineShutdown {
    private static final Logger LOG = LoggerFactory.getLogger(MachineShutdown.class);

    private final String threadPrefix;
    private final KillEscalation escalation;
    private final QemuProcess process;
    private final StuckProcessHandler stuck;
    private final AtomicBoolean begun = new AtomicBoolean();

    /** Something that a thread does. */
    @FunctionalInterface
    interface Activity {
        void run() throws InterruptedException;
    }

    /** Gives up a process that SIGKILL does not end. */
    @FunctionalInterface
    interface StuckProcessHandler {
        void giveUp(MachineExit.Lost lost) throws InterruptedException;
    }

    /**
     * Prepares the end of a process.
     *
     * @param threadPrefix how the names of the threads begin
     * @param escalation how long the process has for each step
     * @param process the process
     * @param stuck called when the kernel does not remove the process
     */
    MachineShutdown(String threadPrefix, KillEscalation escalation, QemuProcess process, StuckProcessHandler stuck) {
        this.threadPrefix = threadPrefix;
        this.escalation = escalation;
        this.process = process;
        this.stuck = stuck;
    }

    /**
     * Ends the process on another thread, unless that has begun already.
     *
     * @param ask asks it to end; returns at once, and returns whether the process can have received the request
     */
    void end(BooleanSupplier ask) {
        if (begun.compareAndSet(false, true)) {
            attend(
                    "-end",
                    () -> {
                        if (!escalation.end(process, ask)) {
                            MachineExit.Lost lost = new MachineExit.Lost("QEMU process " + process.pid()
                                    + " is still there " + escalation.killed().toMillis() + " ms after SIGKILL");
                            LOG.warn("{}: {}", threadPrefix, lost.why());
                            stuck.giveUp(lost);
                        }
                    },
                    process::kill);
        }
    }

    /**
     * Ends the process by signals if it does not end by itself as soon as one that was asked to.
     *
     * @param reason called before the first signal
     */
    void endUnlessEnding(Runnable reason) {
        attend(
                "-closed",
                () -> {
                    if (!process.waitFor(escalation.asked())) {
                        reason.run();
                        end(() -> false);
                    }
                },
                process::kill);
    }

    /**
     * Runs an activity on another thread.
     *
     * @param suffix how the thread's name ends
     * @param activity what it does
     * @param otherwise what to do at once if there is no thread to be had
     */
    void attend(String suffix, Activity activity, Runnable otherwise) {
        try {
            thread(suffix, activity).start();
        } catch (OutOfMemoryError e) { // as Java calls it when the host gives it no more threads
            LOG.debug("{}: there is no thread to end it politely", threadPrefix, e);
            otherwise.run();
        }
    }

    /** Returns a daemon thread that is not started yet. */
    Thread thread(String suffix, Activity activity) {
        Thread thread = new Thread(
                () -> {
                    try {
                        activity.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // not expected: no code interrupts this thread
                    }
                },
                threadPrefix + suffix);
        thread.setDaemon(true);
        return thread;
    }
}
