package dev.construir.qemu;

import dev.construir.backend.InterruptDetection;
import dev.construir.machine.Boot;
import dev.construir.machine.CheckpointMismatchException;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineListener;
import dev.construir.machine.MachineSpec;
import dev.construir.qemu.commandline.BootSource;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts machines from checkpoints. */
final class CheckpointStart {
    private CheckpointStart() {}

    /**
     * Resumes a machine.
     *
     * @param kind what kind of machine it is
     * @throws HypervisorException if the checkpoint is of another kind, or it cannot be resumed
     */
    static QemuMachine start(
            MachineStart start, MachineSpec spec, Boot.Checkpoint from, String kind, MachineListener listener)
            throws HypervisorException, InterruptedException {
        SavedMachine saved = new SavedMachine(from.directory());
        check(spec, saved, kind);
        // Found now: the checkpoint may be gone when the machine itself is saved.
        List<List<Path>> layers = new ArrayList<>();
        for (int i = 0; i < spec.disks().size(); i++) {
            layers.add(saved.layers(i));
        }
        QemuMachine machine = start.resume(
                spec,
                listener,
                saved.saved(BootSource.Sharing.PRIVATE),
                new MachineStart.State(saved.state(), Migration.Memory.IN_PLACE));
        start.run(machine, spec, List.of());
        machine.becomeSavable(new CheckpointWriter(start, spec, layers::get, kind));
        return machine;
    }

    private static void check(MachineSpec spec, SavedMachine saved, String kind)
            throws HypervisorException, InterruptedException {
        try {
            if (!saved.kind().equals(kind)) {
                throw new CheckpointMismatchException("the machine " + spec.name()
                        + " cannot go on from the checkpoint "
                        + saved.directory() + ": its root image, processors, memory or network are others, or QEMU or"
                        + " the host has changed; make the checkpoint anew");
            }
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException("there is no checkpoint in " + saved.directory() + ": " + Reason.of(e), e);
        }
    }

    /** Returns a machine with the copies of writable disks that a checkpoint holds. */
    static MachineSpec withDisksOf(MachineSpec spec, SavedMachine saved) {
        List<Disk> disks = new ArrayList<>();
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            disks.add(disk.access() == Disk.Access.COPY_ON_WRITE ? disk : disk.withFile(saved.disk(i)));
        }
        return spec.withDisks(disks);
    }
}
