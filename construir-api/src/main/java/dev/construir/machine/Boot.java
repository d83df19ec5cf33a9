package dev.construir.machine;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How a machine comes up.
 *
 * @since 0.1
 */
public sealed interface Boot {

    /**
     * Loads a kernel directly, without firmware or boot loader: the fast way.
     *
     * @param kernel the kernel image
     * @param initrd the initial file system
     * @param commandLine the kernel's command line
     */
    record Kernel(Path kernel, Path initrd, String commandLine) implements Boot {
        /**
         * Checks that nothing is missing.
         *
         * @param kernel see {@link #kernel()}
         * @param initrd see {@link #initrd()}
         * @param commandLine see {@link #commandLine()}
         */
        public Kernel {
            Objects.requireNonNull(kernel, "kernel");
            Objects.requireNonNull(initrd, "initrd");
            Objects.requireNonNull(commandLine, "commandLine");
        }
    }

    /** Lets the machine's firmware start the boot loader of the first disk. */
    record Firmware() implements Boot {}
}
