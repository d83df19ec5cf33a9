package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;

/** How one run gets its machine: by a {@link ColdStart} or a {@link PreparedStart}. Used by one thread at a time. */
interface StartStrategy extends AutoCloseable {
    /** Returns the run's id. */
    String runId();

    /** The run has its turn. */
    void admit();

    /** Returns where the run's machine lives. The caller closes the directory. */
    MachinePlace place() throws ConstruirException;

    /** Starts the machine of that place. The caller closes it. */
    Machine start(MachineSpec spec, MachineListener listener) throws ConstruirException, InterruptedException;

    /** Gives back what the run has not used. Idempotent. */
    @Override
    void close();
}
