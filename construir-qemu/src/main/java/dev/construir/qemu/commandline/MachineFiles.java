package dev.construir.qemu.commandline;

/**
 * The names of a machine's files in its directory, in which QEMU runs. Fixed, short, and free of what QEMU's options
 * treat specially.
 */
public final class MachineFiles {
    /** The socket for QMP. */
    public static final String QMP = "qmp.sock";
    /** The socket for the console. */
    public static final String CONSOLE = "console.sock";
    /** The socket for the output port. */
    public static final String OUTPUT = "output.sock";
    /** The socket for the sandbox port. */
    public static final String SANDBOX = "sandbox.sock";

    private MachineFiles() {}

    /**
     * Returns the name of the layer over a disk.
     *
     * @param disk the disk's index
     * @return the name
     */
    public static String overlay(int disk) {
        return "overlay-" + disk + ".qcow2";
    }

    /**
     * Returns the name of a disk's uppermost block node, as QMP's events tell it.
     *
     * @param disk the disk's index
     * @return the name
     */
    public static String node(int disk) {
        return "disk-" + disk;
    }
}
