package dev.construir.run;

import dev.construir.machine.MachineInfo;
import dev.construir.machine.Usage;
import java.util.Optional;

/** A result that no machine of this process produced: it has no run, no measures and no console. */
interface UnmeasuredResult extends JobResult {
    @Override
    default String runId() {
        return "job-000000000000";
    }

    @Override
    default Timings timings() {
        return Timings.NONE;
    }

    @Override
    default Usage usage() {
        return Usage.NONE;
    }

    @Override
    default Optional<MachineInfo> machine() {
        return Optional.empty();
    }

    @Override
    default OutputTail console() {
        return OutputTail.EMPTY;
    }

    @Override
    default long droppedOutput() {
        return 0;
    }
}
