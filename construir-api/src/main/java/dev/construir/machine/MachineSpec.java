package dev.construir.machine;

import dev.construir.DataSize;
import java.util.List;
import java.util.Objects;

/**
 * Everything a backend needs to start a machine.
 *
 * <pre>{@code
 * MachineSpec spec = new MachineSpec(
 *         "demo",
 *         Architecture.host(),
 *         1,
 *         DataSize.ofMebibytes(256),
 *         new Boot.Firmware(),
 *         List.of(Disk.copyOnWrite(Path.of("debian.qcow2"), ImageFormat.QCOW2)),
 *         Network.NONE,
 *         Preference.PREFER,
 *         Preference.NEVER,
 *         CacheMode.WRITEBACK);
 * }</pre>
 *
 * @param name a name for messages and process lists: letters, digits, {@code .}, {@code _} and {@code -}, at most 64
 * @param architecture the guest's architecture
 * @param cpus the number of virtual processors, 1 to 255
 * @param memory the guest's memory, at least 1 MiB
 * @param boot how the machine comes up
 * @param disks the disks in the order in which the guest sees them; the first is the root
 * @param network what network it has
 * @param hardware whether the host's hardware virtualisation is used
 * @param warmStart whether the machine may be resumed from a memory snapshot instead of booted
 * @param cacheMode how its disks treat flushes
 * @since 0.1
 */
public record MachineSpec(
        String name,
        Architecture architecture,
        int cpus,
        DataSize memory,
        Boot boot,
        List<Disk> disks,
        Network network,
        Preference hardware,
        Preference warmStart,
        CacheMode cacheMode) {

    /**
     * The name of the virtio-serial port whose bytes go to {@link MachineListener#output}. Whenever nothing more is
     * there to be read, the backend writes to the port the number of bytes read so far, in decimal, and a line feed,
     * beginning with 0: the guest waits for that before it powers off.
     */
    public static final String OUTPUT_PORT = "dev.construir.output";

    /** The name of the virtio-serial port that {@link Machine#channel} leads to. */
    public static final String SANDBOX_PORT = "dev.construir.sandbox";

    /**
     * The line that a guest prints on its console before it looks for the disks that are its own to write to. From then
     * on a backend may save the machine's memory, and give the machines resumed from it other such disks, with their
     * own serials and sizes.
     */
    public static final String READY_LINE = "construir: ready";

    /**
     * The line that a guest prints on its console when it knows its job disk by the serial and cannot mount it yet. A
     * backend may pause the machine then, and let it go on with another disk in the place of that one.
     */
    public static final String WAITING_LINE = "construir: waiting";

    /**
     * The argument on the kernel command line of a machine whose memory is to be saved. Its guest waits for its own
     * disks without a limit, and treats a disk whose serial does not begin with {@code job-} as a placeholder.
     */
    public static final String AWAIT_DISKS = "construir.wait=forever";

    private static final int MAX_CPUS = 255;
    private static final DataSize MIN_MEMORY = DataSize.ofMebibytes(1);

    /**
     * Creates a specification.
     *
     * @param name see {@link #name()}
     * @param architecture see {@link #architecture()}
     * @param cpus see {@link #cpus()}
     * @param memory see {@link #memory()}
     * @param boot see {@link #boot()}
     * @param disks see {@link #disks()}
     * @param network see {@link #network()}
     * @param hardware see {@link #hardware()}
     * @param warmStart see {@link #warmStart()}
     * @param cacheMode see {@link #cacheMode()}
     * @throws IllegalArgumentException if a value is out of its range, or there is no disk
     */
    public MachineSpec {
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(boot, "boot");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(hardware, "hardware");
        Objects.requireNonNull(warmStart, "warmStart");
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "a machine's name is 1 to 64 letters, digits, '.', '_' or '-', not \"" + name + "\"");
        }
        if (cpus < 1 || cpus > MAX_CPUS) {
            throw new IllegalArgumentException("a machine has 1 to " + MAX_CPUS + " processors, not " + cpus);
        }
        if (memory.compareTo(MIN_MEMORY) < 0) {
            throw new IllegalArgumentException("a machine has at least " + MIN_MEMORY + " of memory, not " + memory);
        }
        disks = List.copyOf(disks);
        if (disks.isEmpty()) {
            throw new IllegalArgumentException("a machine needs at least one disk");
        }
        Objects.requireNonNull(cacheMode, "cacheMode");
    }

    /**
     * Returns the same machine by another name.
     *
     * @param newName see {@link #name()}
     * @return the specification
     */
    public MachineSpec withName(String newName) {
        return with(newName, boot, disks);
    }

    /**
     * Returns the same machine that boots otherwise.
     *
     * @param newBoot see {@link #boot()}
     * @return the specification
     */
    public MachineSpec withBoot(Boot newBoot) {
        return with(name, newBoot, disks);
    }

    /**
     * Returns the same machine with other disks.
     *
     * @param newDisks see {@link #disks()}
     * @return the specification
     */
    public MachineSpec withDisks(List<Disk> newDisks) {
        return with(name, boot, newDisks);
    }

    /**
     * Returns the same machine with another network.
     *
     * @param newNetwork see {@link #network()}
     * @return the specification
     */
    public MachineSpec withNetwork(Network newNetwork) {
        return new MachineSpec(
                name, architecture, cpus, memory, boot, disks, newNetwork, hardware, warmStart, cacheMode);
    }

    private MachineSpec with(String newName, Boot newBoot, List<Disk> newDisks) {
        return new MachineSpec(
                newName, architecture, cpus, memory, newBoot, newDisks, network, hardware, warmStart, cacheMode);
    }
}
