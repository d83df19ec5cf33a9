package dev.construir.qemu.process;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a process by stronger and stronger means, each with a time limit.
 *
 * @param asked how long it has after it was asked to end
 * @param terminated how long it has after a signal it can ignore
 * @param killed how long the kernel has to remove it after a signal it cannot ignore; one that waits for a broken disk
 *     or is held by a debugger stays longer
 */
public record KillEscalation(Duration asked, Duration terminated, Duration killed) {
    /** Twenty times what a healthy QEMU needs. */
    public static final KillEscalation DEFAULT =
            new KillEscalation(Duration.ofMillis(1000), Duration.ofMillis(500), Duration.ofSeconds(5));

    private static final Logger LOG = LoggerFactory.getLogger(KillEscalation.class);

    /**
     * Ends a process.
     *
     * @param process the process
     * @param ask asks it to end; returns at once, and returns whether the process can have received the request
     * @return whether it ended
     * @throws InterruptedException if the thread was interrupted; the process may still run then
     */
    public boolean end(QemuProcess process, BooleanSupplier ask) throws InterruptedException {
        if (ask.getAsBoolean() && process.waitFor(asked)) {
            return true;
        }
        LOG.debug("QEMU process {} did not end when asked to, terminating it", process.pid());
        process.terminate();
        if (process.waitFor(terminated)) {
            return true;
        }
        LOG.debug("QEMU process {} ignores SIGTERM, killing it", process.pid());
        process.kill();
        return process.waitFor(killed);
    }

    /**
     * Kills a process that was started in vain, and waits until it is gone, or the kernel has kept it for longer than a
     * healthy one takes. An interrupt does not cut that short, and the thread's interrupt status is kept.
     */
    static void end(Process process) {
        process.destroyForcibly();
        if (process.isAlive()) {
            process.onExit()
                    .completeOnTimeout(process, DEFAULT.killed.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }
}
