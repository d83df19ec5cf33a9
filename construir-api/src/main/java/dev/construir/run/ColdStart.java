package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.job.Job;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;

/**
 * Makes a machine for the run.
 *
 * @param runId the run's id
 * @param job what runs in the machine
 * @param maker makes the place, and starts the machine
 */
record ColdStart(String runId, Job job, MachineMaker maker) implements StartStrategy {
    @Override
    public void admit() {}

    @Override
    public MachinePlace place() throws ConstruirException {
        return maker.place(runId, "job " + job.name(), job.resources(), job.network());
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) throws ConstruirException, InterruptedException {
        return maker.hypervisor().start(spec, listener);
    }

    @Override
    public void close() {}
}
