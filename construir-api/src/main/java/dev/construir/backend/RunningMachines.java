package dev.construir.backend;

import dev.construir.machine.HypervisorException;
import dev.construir.machine.Machine;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The machines of a hypervisor that run, which end with it. Safe for use by many threads. */
public final class RunningMachines implements AutoCloseable {
    private final Set<Machine> machines = new HashSet<>();
    private boolean closed;

    /** Creates it, without any machine. */
    public RunningMachines() {}

    /**
     * Refuses a machine that comes too late.
     *
     * @param name the machine's name
     * @throws HypervisorException if the hypervisor was closed
     */
    public synchronized void checkOpen(String name) throws HypervisorException {
        if (closed) {
            throw new HypervisorException("the hypervisor was closed before the machine " + name + " started");
        }
    }

    /**
     * Takes a machine in, until it ends.
     *
     * @param machine the machine, which was started
     * @throws HypervisorException if the hypervisor was closed meanwhile; the machine is closed then
     */
    public void adopt(Machine machine) throws HypervisorException {
        if (!add(machine)) {
            machine.close();
            throw new HypervisorException("the hypervisor was closed while the machine started");
        }
        machine.exit().whenComplete((how, failure) -> remove(machine)).exceptionally(failure -> null);
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
        return List.copyOf(machines);
    }

    /** Ends all of them, and waits until they are gone; takes none in any more. Idempotent. */
    @Override
    public void close() {
        List<Machine> running = endAll();
        running.forEach(machine -> machine.kill("the hypervisor was closed"));
        running.forEach(Machine::close);
    }
}
