package dev.construir.machine;

import java.util.List;
import java.util.Optional;

/**
 * Starts machines: the interface a backend implements. Safe for use by many threads.
 *
 * <pre>{@code
 * try (Machine machine = hypervisor.start(spec, listener)) {
 *     MachineExit exit = machine.exit().get(10, TimeUnit.MINUTES);
 *     System.out.println(exit + ", processor time: " + machine.usage().cpu());
 * }
 * }</pre>
 *
 * <p>A backend takes care that no machine outlives the Java process that started it, however that process ends, and
 * that whatever an earlier process left behind is removed when the backend is created.
 *
 * @since 0.1
 */
public interface Hypervisor extends AutoCloseable {
    /**
     * Returns the backend's name.
     *
     * @return a short name in lower case, for example {@code qemu}
     */
    String name();

    /**
     * Diagnoses this host. Never throws; may take a few seconds.
     *
     * @return what was found, with the remedy for what is missing
     */
    Diagnosis diagnose();

    /**
     * Starts a machine and returns as soon as it is set up. {@link MachineListener#running} reports when its processors
     * run. The caller closes the machine. The machine does not depend on the calling thread.
     *
     * @param spec the machine
     * @param listener receives what it says
     * @return the machine
     * @throws HypervisorException if the machine could not be started, or the backend is closed; nothing of it is left
     *     then
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    Machine start(MachineSpec spec, MachineListener listener) throws HypervisorException, InterruptedException;

    /**
     * Resumes a machine in advance, up to where it needs its own disks: their files need not exist yet. The rules of
     * {@link #start} hold, with one exception: a machine that cannot be resumed is never booted instead.
     *
     * @param spec the machine
     * @return the machine, to be started or closed by the caller; or empty if this backend cannot do that, which is the
     *     default
     * @throws HypervisorException if it cannot be resumed, or the backend is closed; nothing of it is left then
     * @throws InterruptedException if the thread was interrupted; nothing of the machine is left then
     */
    default Optional<WarmMachine> prepare(MachineSpec spec) throws HypervisorException, InterruptedException {
        return Optional.empty();
    }

    /**
     * Returns the command that starts a machine by hand, on a terminal that is its console. No limit applies: the
     * machine ends when its guest powers off, or when the user ends it. The rules of {@link #start} about disks hold;
     * there is no output port.
     *
     * @param spec the machine; the command is run in the directory that relative paths start from
     * @param info what ran such a machine; the command uses the same accelerator
     * @return the command, the program first; empty if this backend has none, which is the default
     * @throws HypervisorException if the hypervisor is missing or does not work here, or the backend is closed
     * @throws InterruptedException if the thread was interrupted
     */
    default Optional<List<String>> debugCommand(MachineSpec spec, MachineInfo info)
            throws HypervisorException, InterruptedException {
        return Optional.empty();
    }

    /**
     * Registers a user of this hypervisor. Each runner is one while it is open. When the last user has closed its
     * registration and no machine runs, the backend releases what it holds on this host (threads, connections, scratch
     * directories); it acquires that again for the next machine. So a hypervisor that is never closed leaks nothing,
     * and one hypervisor serves any number of runners and images. One that wraps another passes the registration on.
     *
     * @return the registration, to be closed by the user; closing is idempotent. By default it does nothing
     */
    default Use use() {
        return () -> {};
    }

    /** A registered user of a hypervisor. */
    @FunctionalInterface
    interface Use extends AutoCloseable {
        /** Ends the use. */
        @Override
        void close();
    }

    /**
     * Returns the budget that runners of this hypervisor share unless they are given another one.
     *
     * @return {@link MachineBudget#ofHost} unless it is overridden, as it is where machines take nothing of this host's
     *     memory
     */
    default MachineBudget budget() {
        return MachineBudget.ofHost();
    }

    /**
     * Ends the machines that still run, and starts that are under way, which throw a {@link HypervisorException} then;
     * waits for both, and releases what the backend holds. Idempotent. The code that created the hypervisor calls it,
     * never a runner that was given it.
     */
    @Override
    default void close() {}
}
