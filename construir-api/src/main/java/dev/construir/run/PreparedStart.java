package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a machine of the warm pool. Where it cannot be started, makes another one of its specification. */
final class PreparedStart implements StartStrategy {
    private static final Logger LOG = LoggerFactory.getLogger(PreparedStart.class);

    private final WarmPool.Ready ready;
    private final WarmPool pool;
    private final Hypervisor hypervisor;
    private boolean admitted;
    private boolean closed;

    PreparedStart(WarmPool.Ready ready, WarmPool pool, Hypervisor hypervisor) {
        this.ready = ready;
        this.pool = pool;
        this.hypervisor = hypervisor;
    }

    @Override
    public String runId() {
        return ready.runId();
    }

    /** Lets the pool replace the machine: the run begins to use it. */
    @Override
    public void admit() {
        if (!admitted) {
            admitted = true;
            pool.replace();
        }
    }

    @Override
    public MachinePlace place() {
        return ready.place();
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws ConstruirException, InterruptedException {
        try {
            return ready.machine().start(listener);
        } catch (ConstruirException e) {
            LOG.warn("a machine that was kept ready could not be started", e);
            return hypervisor.start(spec, listener);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean unused = !admitted;
        admit();
        if (unused) {
            ready.discard();
        } else {
            ready.machine().close();
        }
    }
}
