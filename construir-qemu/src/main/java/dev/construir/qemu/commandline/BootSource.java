package dev.construir.qemu.commandline;

import java.nio.file.Path;
import java.util.List;
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
     * @param memory the file that was its memory
     * @param sharing whether what is written goes to that file
     * @param layers the files with what that machine had written to a copy-on-write disk, by the disk's index, the
     *     lowest first
     */
    record Saved(Path memory, Sharing sharing, IntFunction<List<Path>> layers) implements BootSource {}

    /** Where a machine writes to that has a file as its memory. */
    enum Sharing {
        /** To memory that only it has: the file stays as it is. */
        PRIVATE,
        /** To the file. */
        SHARED
    }
}
