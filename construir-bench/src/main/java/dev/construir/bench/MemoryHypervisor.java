package dev.construir.bench;

import dev.construir.machine.Diagnosis;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Machine;
import dev.construir.machine.MachineExit;
import dev.construir.machine.MachineInfo;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Usage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A hypervisor in memory, whose machines have powered off as soon as they are started: what a benchmark of everything
 * around a machine needs.
 *
 * @param started receives every machine that is asked for
 */
record MemoryHypervisor(Runnable started) implements Hypervisor {
    private static final String NAME = "memory";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Diagnosis diagnose() {
        return new Diagnosis(
                NAME,
                List.of(new Diagnosis.Finding(
                        "memory", Diagnosis.Verdict.WORKS, "machines do nothing", Optional.empty())));
    }

    @Override
    public Machine start(MachineSpec spec, MachineListener listener) {
        started.run();
        return new Ended();
    }

    /** A machine that has ended. */
    private static final class Ended implements Machine {
        @Override
        public MachineInfo info() {
            return new MachineInfo(NAME, "1", "none", "there are no instructions", false, Optional.empty(), List.of());
        }

        @Override
        public CompletableFuture<MachineExit> exit() {
            return CompletableFuture.completedFuture(new MachineExit.PoweredOff());
        }

        @Override
        public Usage usage() {
            return Usage.NONE;
        }

        @Override
        public void kill(String why) {}

        @Override
        public void close() {}
    }
}
