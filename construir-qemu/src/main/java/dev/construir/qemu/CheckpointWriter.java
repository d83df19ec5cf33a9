package dev.construir.qemu;

import dev.construir.backend.InterruptDetection;
import dev.construir.backend.Overlay;
import dev.construir.machine.Disk;
import dev.construir.machine.HypervisorException;
import dev.construir.machine.MachineSpec;
import dev.construir.qemu.commandline.BootSource;
import dev.construir.qemu.commandline.MachineFiles;
import dev.construir.text.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Saves a machine that was resumed, as it runs: stops it, copies its disks and writes its memory, and lets it go on.
 * Another QEMU then brings the memory into a file, from which any number of machines map it.
 *
 * @param start starts that other QEMU
 * @param spec the machine
 * @param below the files of the layers that its own copy-on-write disks lie on, by the disk's index, the lowest first
 * @param kind what kind of machine it is: one of another kind cannot go on from there
 */
record CheckpointWriter(MachineStart start, MachineSpec spec, IntFunction<List<Path>> below, String kind) {
    /** How long each step may take: memory is written and read at the speed of a disk. */
    static final Duration LIMIT = Duration.ofMinutes(5);

    void write(QemuMachine machine, Path directory) throws HypervisorException, InterruptedException {
        SavedMachine saved = new SavedMachine(directory);
        try {
            createEmpty(directory);
            machine.whileStopped(() -> copy(machine, saved), LIMIT);
            fillMemory(saved);
            Files.delete(saved.stream());
            Files.writeString(saved.key(), kind); // last: without it, there is no checkpoint
        } catch (IOException e) {
            InterruptDetection.check(e);
            throw new HypervisorException(
                    "the machine " + spec.name() + " could not be saved: " + Reason.of(e) + "; see that "
                            + directory.getParent() + " has room for its memory and what it has written",
                    e);
        }
    }

    private static void createEmpty(Path directory) throws IOException {
        Files.createDirectories(directory);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new FileAlreadyExistsException(directory.toString());
            }
        }
    }

    private void copy(QemuMachine machine, SavedMachine saved) throws IOException, InterruptedException {
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            if (disk.access() == Disk.Access.COPY_ON_WRITE) {
                List<Path> layers = below.apply(i);
                for (int layer = 0; layer < layers.size(); layer++) {
                    // Their names may be gone: QEMU has them open.
                    Path open = machine.openFile(layers.get(layer).getFileName().toString());
                    Overlay.copy(open, saved.layer(i, layer));
                }
                Overlay.copy(machine.openFile(MachineFiles.overlay(i)), saved.layer(i, layers.size()));
            } else {
                Overlay.copy(disk.file(), saved.disk(i));
            }
        }
        machine.saveWithMemory(saved.stream(), spec.memory().bytes() + MigrationFile.WITHOUT_MEMORY, LIMIT);
    }

    private void fillMemory(SavedMachine saved) throws HypervisorException, IOException, InterruptedException {
        MachineStart.State stream = new MachineStart.State(saved.stream(), Migration.Memory.IN_STREAM);
        MachineSpec filling = CheckpointStart.withDisksOf(spec, saved);
        try (QemuMachine machine = start.resume(
                filling,
                new ConsoleLineWaiter(MachineSpec.READY_LINE), // which nobody awaits: the guest does not run
                saved.saved(BootSource.Sharing.SHARED),
                stream)) {
            machine.save(saved.state(), LIMIT);
        }
    }
}
