package dev.construir.run;

import dev.construir.ConstruirException;
import dev.construir.image.RootImage;
import dev.construir.job.Resources;
import dev.construir.machine.CacheMode;
import dev.construir.machine.Disk;
import dev.construir.machine.Hypervisor;
import dev.construir.machine.MachineBudget;
import dev.construir.machine.MachineSpec;
import dev.construir.machine.Network;
import dev.construir.machine.Preference;
import dev.construir.scratch.Scratch;
import dev.construir.scratch.ScratchDirectory;
import dev.construir.text.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Makes the machines of a runner: their directories, their specifications, and those of the warm pool. Safe for use by
 * many threads.
 *
 * @param hypervisor starts and prepares machines
 * @param root the image that they boot
 * @param hardware whether they use hardware virtualisation
 * @param warmStart whether they are resumed from a memory snapshot
 * @param scratch holds their directories; owned by the runner
 */
record MachineMaker(Hypervisor hypervisor, RootImage root, Preference hardware, Preference warmStart, Scratch scratch) {

    /** Makes a directory, and the specification of a machine whose job disk is in there. */
    MachinePlace place(String runId, String purpose, Resources resources, Network network) throws ConstruirException {
        ScratchDirectory directory = directory(runId, purpose);
        boolean made = false;
        try {
            MachinePlace place = new MachinePlace(directory, spec(runId, directory, resources, network));
            made = true;
            return place;
        } finally {
            if (!made) {
                directory.close();
            }
        }
    }

    /** Prepares a machine without a network for the warm pool; empty if the hypervisor cannot. */
    Optional<WarmPool.Ready> prepare(String runId, Resources resources, MachineBudget budget)
            throws ConstruirException, InterruptedException {
        MachinePlace place = place(runId, "a machine to be kept ready", resources, Network.NONE);
        boolean prepared = false;
        try (MachineBudget.Place share = budget.enter(resources.cpus(), resources.memory())) {
            share.await(); // only while it is made: one that waits uses next to nothing
            Optional<WarmPool.Ready> machine =
                    hypervisor.prepare(place.spec()).map(waits -> new WarmPool.Ready(runId, place, waits));
            prepared = machine.isPresent();
            return machine;
        } finally {
            if (!prepared) {
                place.directory().close();
            }
        }
    }

    private ScratchDirectory directory(String runId, String purpose) throws ConstruirException {
        try {
            return scratch.directory(runId);
        } catch (IOException e) {
            throw new ScratchException(
                    "no scratch directory for " + purpose + ": " + Reason.of(e)
                            + "; check that the scratch root has room and was not removed",
                    e);
        }
    }

    private MachineSpec spec(String runId, ScratchDirectory directory, Resources resources, Network network) {
        return new MachineSpec(
                "construir-" + runId,
                root.architecture(),
                resources.cpus(),
                resources.memory(),
                root.boot(),
                List.of(
                        Disk.copyOnWrite(root.disk(), root.format()),
                        Disk.writable(directory.path().resolve("job.img"), runId)),
                network,
                hardware,
                warmStart,
                CacheMode.UNSAFE);
    }
}
