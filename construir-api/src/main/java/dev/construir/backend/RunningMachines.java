package dev.construir.backend;

import dev.construir.machine.Hypervisor;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The machines of a hypervisor that run or are being started, which end with it. Safe for use by many threads.
 *
 * <p>Closing it interrupts the threads that start machines, and waits for them: what they use is not needed any more
 * afterwards.
 *
 * @since 0.1
 */
public final class RunningMachines implements AutoCloseable {
    private final Set<Machine> machines = new HashSet<>();
    private final Set<Starting> starting = new HashSet<>();
    private int users;
    private @Nullable Thread releasing; // releases what is unused; it takes time, so the lock is not held
    private boolean closed;

    /** Creates it, without any machine. */
    public RunningMachines() {}

    /**
     * Takes in a user of the hypervisor, see {@link Hypervisor#use}.
     *
     * @param release lets go of what the hypervisor holds; called when the last user has gone and no machine runs or is
     *     being started. Starts that begin meanwhile wait for it; what it lets go of is taken up again by them
     * @return the use
     */
    public synchronized Hypervisor.Use use(Runnable release) {
        users++;
        AtomicBoolean over = new AtomicBoolean();
        return () -> {
            if (over.compareAndSet(false, true)) {
                leave(release);
            }
        };
    }

    private void leave(Runnable release) {
        if (beginRelease()) {
            try {
                release.run();
            } finally {
                endRelease();
            }
        }
    }

    private synchronized boolean beginRelease() {
        users--;
        boolean idle = users == 0
                && releasing == null
                && starting.isEmpty()
                && machines.stream().allMatch(machine -> machine.exit().isDone());
        boolean begins = idle && !closed;
        releasing = begins ? Thread.currentThread() : releasing;
        return begins;
    }

    private synchronized void endRelease() {
        releasing = null;
        notifyAll();
    }

    /**
     * Starts something that has a machine.
     *
     * @param <T> what is started
     */
    @FunctionalInterface
    public interface Starter<T> {
        /**
         * Starts it. Nothing of it is left if that fails.
         *
         * @return what was started
         * @throws HypervisorException if it could not be started
         * @throws InterruptedException if the thread was interrupted
         */
        T start() throws HypervisorException, InterruptedException;
    }

    /** A thread that starts a machine. */
    private static final class Starting {
        private final Thread thread = Thread.currentThread();
        private boolean cutShort;
    }

    /**
     * Starts a machine on the calling thread, and takes it in until it ends.
     *
     * @param name the machine's name
     * @param starter starts it
     * @return the machine
     * @throws HypervisorException if it was not started, or the hypervisor is closed by then; nothing of the machine is
     *     left
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left
     */
    public Machine start(String name, Starter<? extends Machine> starter)
            throws HypervisorException, InterruptedException {
        return start(name, starter, machine -> machine);
    }

    /**
     * Starts something that has a machine on the calling thread, and takes the machine in until it ends.
     *
     * @param <T> what is started
     * @param name the machine's name
     * @param starter starts it
     * @param machine returns the machine of what was started
     * @return what was started
     * @throws HypervisorException if it was not started, or the hypervisor is closed by then; nothing of the machine is
     *     left
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left
     */
    public <T> T start(String name, Starter<T> starter, Function<? super T, ? extends Machine> machine)
            throws HypervisorException, InterruptedException {
        Starting start = begin(name);
        try {
            T started = starter.start();
            adopt(name, machine.apply(started));
            return started;
        } catch (InterruptedException e) {
            if (isCutShort(start)) {
                throw new HypervisorException(closedMeanwhile(name), e);
            }
            throw e;
        } finally {
            end(start);
        }
    }

    private synchronized Starting begin(String name) throws HypervisorException, InterruptedException {
        while (isReleasedByAnother()) {
            wait();
        }
        if (closed) {
            throw new HypervisorException("the hypervisor was closed before the machine " + name + " started");
        }
        Starting start = new Starting();
        starting.add(start);
        return start;
    }

    private void adopt(String name, Machine machine) throws HypervisorException {
        if (!add(machine)) {
            machine.close();
            throw new HypervisorException(closedMeanwhile(name));
        }
        machine.exit().whenComplete((how, failure) -> remove(machine)).exceptionally(failure -> null);
    }

    private static String closedMeanwhile(String name) {
        return "the hypervisor was closed while the machine " + name + " started";
    }

    private synchronized boolean isCutShort(Starting start) {
        return start.cutShort;
    }

    private synchronized void end(Starting start) {
        starting.remove(start);
        if (start.cutShort) {
            var ours = Thread.interrupted(); // may have come when nothing waited any more
        }
        notifyAll();
    }

    private synchronized boolean add(Machine machine) {
        if (!closed) {
            machines.add(machine);
        }
        return !closed;
    }

    private synchronized void remove(Machine machine) {
        machines.remove(machine);
    }

    private synchronized List<Machine> endAll() {
        closed = true;
        for (Starting start : starting) {
            start.cutShort = true;
            start.thread.interrupt();
        }
        return List.copyOf(machines);
    }

    // A listener may close the hypervisor on the thread that starts its machine. That thread must not wait: two of them
    // would wait for each other.
    private synchronized void awaitStarts() {
        boolean interrupted = false;
        while (isReleasedByAnother()
                || (!starting.isEmpty()
                        && starting.stream().noneMatch(start -> start.thread == Thread.currentThread()))) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReleasedByAnother() {
        return releasing != null && releasing != Thread.currentThread();
    }

    /**
     * Ends all of them, and waits until they are gone; takes none in any more. An interrupt does not end the waiting,
     * and is kept. On a thread that is starting a machine itself it does not wait for machines that are being started.
     * Idempotent.
     */
    @Override
    public void close() {
        List<Machine> running = endAll();
        running.forEach(machine -> machine.kill("the hypervisor was closed"));
        running.forEach(Machine::close);
        awaitStarts();
    }

    /** Returns how many there are. */
    @Override
    public synchronized String toString() {
        return machines.size() + " machines that run, " + starting.size() + " that start";
    }
}
