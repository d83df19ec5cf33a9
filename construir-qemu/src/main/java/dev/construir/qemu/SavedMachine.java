package dev.construir.qemu;

import dev.construir.machine.Machine;
import dev.construir.qemu.commandline.BootSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a checkpoint.
 *
 * @param directory where they are
 */
record SavedMachine(Path directory) {
    /** The file that is the machine's memory. */
    Path memory() {
        return directory.resolve("memory");
    }

    /** The state of its devices. */
    Path state() {
        return directory.resolve("state");
    }

    /** All of it in one stream, until the memory is in its file. */
    Path stream() {
        return directory.resolve("stream");
    }

    /** The name of what kind of machine it is. */
    Path key() {
        return directory.resolve("key");
    }

    /** A copy of a writable disk. */
    Path disk(int disk) {
        return Machine.savedDisk(directory, disk);
    }

    /** What was written to a copy-on-write disk, in layers. */
    Path layer(int disk, int layer) {
        return directory.resolve("layer-" + disk + "-" + layer + ".qcow2");
    }

    /** The layers that there are of a disk, the lowest first. */
    List<Path> layers(int disk) {
        List<Path> layers = new ArrayList<>();
        while (Files.exists(layer(disk, layers.size()))) {
            layers.add(layer(disk, layers.size()));
        }
        return layers;
    }

    /** How a machine begins that is resumed from here. */
    BootSource.Saved saved(BootSource.Sharing sharing) {
        return new BootSource.Saved(memory(), sharing, this::layers);
    }

    /** Returns what kind of machine it is. */
    String kind() throws IOException {
        return Files.readString(key());
    }
}
