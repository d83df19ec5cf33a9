package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;

/** Starts the machine of a run: one made for it, or one that was kept ready. */
@FunctionalInterface
interface MachineStarter {
    Machine start(MachineSpec spec, MachineListener listener) throws ConstruirException, InterruptedException;
}
