package dev.construir.qemu;

import dev.construir.ImageFormat;
import dev.construir.machine.Boot;
import dev.construir.machine.Disk;
import dev.construir.machine.MachineSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The machine that is saved in place of many: the same but for the disks that differ between them, in whose places it
 * has placeholders. They are small, so that a guest which has not noticed yet that its disk is another one finds no
 * file system on it.
 */
final class PlaceholderDisks {
    /** The size of a disk that stands in for another one, in bytes. */
    private static final long SIZE = 1 << 20;

    private PlaceholderDisks() {}

    /** Returns why a machine cannot be resumed from a memory snapshot, whatever the host; empty if it can. */
    static Optional<String> objection(MachineSpec spec) {
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            if (disk.access() == Disk.Access.READ_WRITE) {
                if (i == 0) {
                    return Optional.of("its root disk is to be written to");
                }
                if (disk.format() != ImageFormat.RAW || disk.serial().isEmpty()) {
                    return Optional.of("its disk " + disk.file() + " is not raw or has no serial to be known by");
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the machine to be saved.
     *
     * @param spec the machine to be resumed
     * @param directory where the disks are that stand in for its own
     */
    static MachineSpec of(MachineSpec spec, Path directory) {
        List<Disk> disks = new ArrayList<>();
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            disks.add(
                    disk.access() == Disk.Access.COPY_ON_WRITE
                            ? disk
                            : new Disk(
                                    file(directory, i),
                                    disk.format(),
                                    disk.access(),
                                    Optional.of("stand-in-" + i),
                                    disk.discard()));
        }
        return spec.withBoot(waiting(spec.boot())).withDisks(disks);
    }

    /**
     * Returns the machine to be resumed, with its own serials, on disks that stand in for its own until those are
     * there.
     *
     * @param spec the machine
     * @param directory where the disks are that stand in
     */
    static MachineSpec instead(MachineSpec spec, Path directory) {
        List<Disk> disks = new ArrayList<>();
        for (int i = 0; i < spec.disks().size(); i++) {
            Disk disk = spec.disks().get(i);
            disks.add(disk.access() == Disk.Access.COPY_ON_WRITE ? disk : disk.withFile(file(directory, i)));
        }
        return spec.withDisks(disks);
    }

    /** Creates the files of the disks that stand in for others. */
    static void create(MachineSpec spec) throws IOException {
        for (Disk disk : spec.disks()) {
            if (disk.access() == Disk.Access.READ_WRITE) {
                try (RandomAccessFile file = new RandomAccessFile(disk.file().toFile(), "rw")) {
                    file.setLength(SIZE);
                }
            }
        }
    }

    private static Path file(Path directory, int disk) {
        return directory.resolve("stand-in-" + disk);
    }

    private static Boot waiting(Boot boot) {
        return boot instanceof Boot.Kernel kernel
                ? new Boot.Kernel(
                        kernel.kernel(), kernel.initrd(), kernel.commandLine() + " " + MachineSpec.AWAIT_DISKS)
                : boot;
    }
}
