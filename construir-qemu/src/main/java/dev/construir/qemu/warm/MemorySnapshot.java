package dev.construir.qemu.warm;

import dev.construir.qemu.commandline.BootSource;
import java.nio.file.Path;
import java.util.List;

/**
 * A machine that was saved: a directory with its memory, the state of its devices, and what it had written to its
 * copy-on-write disks.
 *
 * @param directory the directory
 */
public record MemorySnapshot(Path directory) {
    /**
     * Returns the file that holds the state of the machine's devices, as QEMU migrates it.
     *
     * @return its path
     */
    public Path state() {
        return directory.resolve("state");
    }

    /**
     * Returns how a machine begins that is to be saved here.
     *
     * @return an origin
     */
    public BootSource.BootToSave toBeSaved() {
        return new BootSource.BootToSave(memory(), this::layer);
    }

    /**
     * Returns how a machine begins that is resumed from here.
     *
     * @return an origin
     */
    public BootSource.Saved saved() {
        return new BootSource.Saved(memory(), BootSource.Sharing.PRIVATE, disk -> List.of(layer(disk)));
    }

    private Path memory() {
        return directory.resolve("memory");
    }

    /**
     * Returns the file with what the machine had written to a copy-on-write disk.
     *
     * @param disk the disk's index
     * @return its path
     */
    public Path layer(int disk) {
        return directory.resolve("layer-" + disk + ".qcow2");
    }
}
