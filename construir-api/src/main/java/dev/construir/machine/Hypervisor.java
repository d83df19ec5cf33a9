package dev.construir.machine;

import java.util.List;
import java.util.Optional;

/**
 * Starts machines: the interface a backend implements. Safe for use by many threads.
 *
 * <p>A backend takes care that no machine outlives the Java process that started it, however that process ends, and that whatever
 * an earlier process left behind is removed when the backend is created.
 */
public interface Hypervisor extends AutoCloseable {
    /**
     * Names the backend.
     *
     * @return a short name in lower case, for example {@code qemu}
     */
    String name();

    /**
     * Finds out what works on this host. Never throws; may take a few seconds.
     *
     * @return what was found, with the remedy for what is missing
     */
    Diagnosis diagnose();

    /**
     * Starts a machine and returns as soon as it is set up; whether its processors run yet is told by {@link MachineListener#running}.
     * The caller closes the machine. How long the calling thread lives has no bearing on the machine.
     *
     * @param spec the machine
     * @param listener receives what it says
     * @return the machine
     * @throws HypervisorException if the machine could not be started, or the backend is closed; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException;

    /**
     * Resumes a machine in advance, as far as it goes without the disks that are its own: their files need not be there yet. What is asked of
     * {@link #start} holds as well, but that a machine which cannot be resumed is not booted instead, whatever its policy.
     *
     * @param spec the machine
     * @return the machine, to be started or closed by the caller; or empty if this backend cannot do that, which is the default
     * @throws HypervisorException if it cannot be resumed, or the backend is closed; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    default Optional<WarmMachine> prepare(MachineSpec spec) throws HypervisorException, InterruptedException {
        return Optional.empty();
    }

    /**
     * Tells how a machine is started by hand: on a terminal that shows its console and takes what is typed there, without any limit, until
     * its guest powers it off or somebody ends it. What is asked of {@link #start} about disks holds as well; there is no output port.
     *
     * @param spec the machine; the command is run in the directory that relative paths start from
     * @param info what ran such a machine; it is to be run by the same accelerator
     * @return the words of the command, the program first; or empty if this backend knows none, which is the default
     * @throws HypervisorException if the hypervisor is missing or does not work here, or the backend is closed
     * @throws InterruptedException if the thread was interrupted
     */
    default Optional<List<String>> debugCommand(MachineSpec spec, MachineInfo info)
            throws HypervisorException, InterruptedException {
        return Optional.empty();
    }

    /**
     * Says that somebody uses this hypervisor from now on, as each runner does while it is open. When the last one has closed what this returns, and
     * no machine runs any more, the backend lets go of what it holds on this host (threads, connections, scratch directories), as far as it can
     * take it up again for the next machine. So a hypervisor that was never closed leaks nothing, and one serves any number of runners and images.
     *
     * @return to be closed when the use is over, which is idempotent; unless it is overridden that does nothing
     */
    default Use use() {
        return () -> {};
    }

    /** A use of a hypervisor. */
    @FunctionalInterface
    interface Use extends AutoCloseable {
        /** Ends the use. */
        @Override
        void close();
    }

    /**
     * Returns the budget that runners of this hypervisor share unless they are given another one.
     *
     * @return {@link MachineBudget#ofHost} unless it is overridden, as it is where machines take nothing of this host's memory
     */
    default MachineBudget budget() {
        return MachineBudget.ofHost();
    }

    /**
     * Ends the machines that still run, and starts that are under way, which throw a {@link HypervisorException} then; waits for both, and
     * releases what the backend holds. Idempotent. The code that created the hypervisor calls it, never a runner that was given it.
     */
    @Override
    default void close() {}
}
