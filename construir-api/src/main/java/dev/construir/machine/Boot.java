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

    /**
     * Goes on where a machine of the same kind was when {@link Machine#checkpoint} saved it.
     *
     * @param directory what that method has written
     * @param original how that machine had come up, which is no checkpoint
     */
    record Checkpoint(Path directory, Boot original) implements Boot {
        /**
         * Checks the values.
         *
         * @param directory see {@link #directory()}
         * @param original see {@link #original()}
         * @throws IllegalArgumentException if the original is a checkpoint
         */
        public Checkpoint {
            Objects.requireNonNull(directory, "directory");
            if (original instanceof Checkpoint) {
                throw new IllegalArgumentException("a machine comes up by a kernel or by its firmware");
            }
        }
    }
}
