package dev.construir.machine;

import dev.construir.DataSize;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a machine has used since its start. All values only grow: two equal readings mean that it did nothing.
 *
 * @param cpu processor time of the whole machine on the host
 * @param peakMemory the most memory it has had on the host at once, the hypervisor's own included; empty if unknown
 * @param diskRead how much the guest has read from its disks
 * @param diskWritten how much the guest has written to its disks
 * @since 0.1
 */
public record Usage(Duration cpu, Optional<DataSize> peakMemory, DataSize diskRead, DataSize diskWritten) {
    /** Nothing used yet. */
    public static final Usage NONE =
            new Usage(Duration.ZERO, Optional.empty(), DataSize.ofBytes(0), DataSize.ofBytes(0));

    /**
     * Checks that nothing is missing.
     *
     * @param cpu see {@link #cpu()}
     * @param peakMemory see {@link #peakMemory()}
     * @param diskRead see {@link #diskRead()}
     * @param diskWritten see {@link #diskWritten()}
     */
    public Usage {
        Objects.requireNonNull(cpu, "cpu");
        Objects.requireNonNull(peakMemory, "peakMemory");
        Objects.requireNonNull(diskRead, "diskRead");
        Objects.requireNonNull(diskWritten, "diskWritten");
    }
}
