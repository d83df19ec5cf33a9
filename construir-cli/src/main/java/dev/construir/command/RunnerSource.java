package dev.construir.command;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Job;
import dev.construir.job.Resources;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.Preference;
import dev.construir.run.JobResult;
import dev.construir.run.Run;
import dev.construir.run.RunListener;
import dev.construir.run.Runner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Makes the runner for one run of the command. */
@FunctionalInterface
public interface RunnerSource {
    /** Stdout is to miss nothing, also when the scratch directory's disk is busy: the job waits for it. */
    Duration LISTENER_STALL = Duration.ofSeconds(5);

    /**
     * What was asked for on the command line.
     *
     * @param hypervisor a backend's name, with a URI or without
     * @param plugins the plugins that may provide it, with those of the host
     * @param root what machines boot
     * @param hardware whether hardware virtualisation is used
     * @param warmStart whether machines are resumed from a memory snapshot
     * @param ready how many machines are kept ready, of default resources
     * @param budget what all machines may have at once
     * @param scratch where disks and machines live while they are in use
     */
    record Choice(
            String hypervisor,
            List<Path> plugins,
            RootImage root,
            Preference hardware,
            Preference warmStart,
            int ready,
            BudgetLimits budget,
            Path scratch) {}

    /** Makes the runner, to be closed by the caller. */
    Runner open(Choice choice) throws ConstruirException;

    /** Runs every job in its own machine on one of these backends. */
    static RunnerSource on(Backends backends) {
        return choice -> {
            Hypervisor hypervisor = backends.create(choice.hypervisor(), choice.plugins(), choice.scratch());
            boolean owned = false;
            try {
                Runner runner = new Owner(
                        Runner.builder(hypervisor, choice.root())
                                .scratch(choice.scratch().resolve("runs"))
                                .hardwareAcceleration(choice.hardware())
                                .warmStart(choice.warmStart())
                                .warmPool(choice.ready(), Resources.DEFAULT)
                                .budget(choice.budget().of(hypervisor.budget()))
                                .listenerStall(LISTENER_STALL)
                                .build(),
                        hypervisor);
                owned = true;
                return runner;
            } finally {
                if (!owned) {
                    hypervisor.close();
                }
            }
        };
    }

    /** A runner that was made together with its hypervisor, and is closed with it. */
    record Owner(Runner runner, Hypervisor hypervisor) implements Runner {
        @Override
        public JobResult run(Job job, RunListener listener) throws ConstruirException, InterruptedException {
            return runner.run(job, listener);
        }

        @Override
        public Run start(Job job, RunListener listener) {
            return runner.start(job, listener);
        }

        @Override
        public Optional<RootImage> root() {
            return runner.root();
        }

        @Override
        public void close() {
            try {
                runner.close();
            } finally {
                hypervisor.close();
            }
        }
    }
}
