package dev.construir.run;

import dev.construir.machine.MachineSpec;
import dev.construir.scratch.ScratchDirectory;

/**
 * Where a run's machine lives.
 *
 * @param directory the directory of the run's disk
 * @param spec the machine's specification, with that disk
 */
record MachinePlace(ScratchDirectory directory, MachineSpec spec) {}
