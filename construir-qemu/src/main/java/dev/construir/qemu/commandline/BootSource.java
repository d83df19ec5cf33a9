package dev.construir.qemu.commandline;

import java.nio.file.Path;
import java.util.function.IntFunction;

/** Where a machine begins. */
public sealed interface BootSource {
    /** With a boot, in private memory. */
    record Boot() implements BootSource {}

    /**
     * With a boot, to be saved once it is up.
     *
     * @param memory the file that is its memory, which QEMU creates
     * @param layer the file that takes what it writes to a copy-on-write disk, by the disk's index
     */
    record BootToSave(Path memory, IntFunction<Path> layer) implements BootSource {}

    /**
     * Where another machine was saved.
     *
     * @param memory the file that was its memory, of which what is written is a copy
     * @param layer the file with what that machine had written to a copy-on-write disk, by the disk's index
     */
    record Saved(Path memory, IntFunction<Path> layer) implements BootSource {}
}
