package dev.construir.qemu.commandline;

import dev.construir.machine.Architecture;
import dev.construir.qemu.program.Accelerator;
import dev.construir.qemu.program.QemuProgram;
import java.util.List;

/** The command that starts QEMU for the self-test of an accelerator. */
public final class SelfTestCommandLine {
    /** The guest's image, in the directory QEMU runs in. */
    public static final String IMAGE = "self-test.img";

    private static final int EXIT_PORT = 0x501;
    private static final int EXIT_VALUE = 0x2a;

    private SelfTestCommandLine() {}

    /**
     * Returns the command.
     *
     * @param program QEMU
     * @param accelerator what to test
     * @return the command
     */
    public static List<String> of(QemuProgram program, Accelerator accelerator) {
        QemuArguments arguments = new QemuArguments(program, accelerator).add("-m", "64M");
        if (program.capabilities().architecture() == Architecture.AARCH64) {
            return arguments.add("-kernel", IMAGE).toList();
        }
        return arguments
                .add(
                        "-blockdev",
                        JsonArgument.object("driver", "file", "node-name", "file", "filename", IMAGE, "read-only", true)
                                .toString())
                .add(
                        "-blockdev",
                        JsonArgument.object("driver", "raw", "node-name", "disk", "file", "file", "read-only", true)
                                .toString())
                .add(
                        "-device",
                        JsonArgument.object("driver", "virtio-blk-pci", "drive", "disk", "bootindex", 1)
                                .toString())
                .add(
                        "-device",
                        JsonArgument.object("driver", "isa-debug-exit", "iobase", EXIT_PORT, "iosize", 1)
                                .toString())
                .toList();
    }

    /**
     * Returns the exit status that says the guest reached its end.
     *
     * @param architecture the guest's architecture
     * @return QEMU's exit status
     */
    public static int exitStatus(Architecture architecture) {
        return architecture == Architecture.X86_64 ? EXIT_VALUE << 1 | 1 : 0; // isa-debug-exit makes it odd
    }
}
