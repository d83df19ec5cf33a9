package dev.construir.job;

import dev.construir.DataSize;
import dev.construir.disk.write.DiskOptions;

/**
 * The processors, memory and disk size of a job's machine.
 *
 * <pre>{@code
 * Resources resources = Resources.DEFAULT.withCpus(4).withMemory(DataSize.ofGibibytes(8));
 * }</pre>
 *
 * @param cpus the number of virtual processors, 1 to 255
 * @param memory the guest's memory, 64 MiB to 1 TiB
 * @param disk the size of the job disk, in the range of {@link DiskOptions#size}; what is not used takes no room on the
 *     host
 * @since 0.1
 */
public record Resources(int cpus, DataSize memory, DataSize disk) {
    private static final int MAX_CPUS = 255;
    private static final DataSize MIN_MEMORY = DataSize.ofMebibytes(64);
    /** What 40 bits of address reach: the least that processors have. */
    private static final DataSize MAX_MEMORY = DataSize.ofGibibytes(1024);

    /** One processor, 1 GiB of memory, 1 GiB of disk. */
    public static final Resources DEFAULT = new Resources(1, DataSize.ofGibibytes(1), DataSize.ofGibibytes(1));

    /**
     * Creates resources.
     *
     * @param cpus see {@link #cpus()}
     * @param memory see {@link #memory()}
     * @param disk see {@link #disk()}
     * @throws IllegalArgumentException if a number or size is out of its range
     */
    public Resources {
        if (cpus < 1 || cpus > MAX_CPUS) {
            throw new IllegalArgumentException("a machine has 1 to " + MAX_CPUS + " processors, not " + cpus);
        }
        if (memory.compareTo(MIN_MEMORY) < 0 || memory.compareTo(MAX_MEMORY) > 0) {
            throw new IllegalArgumentException(
                    "a job's machine has " + MIN_MEMORY + " to " + MAX_MEMORY + " of memory, not " + memory);
        }
        DiskOptions.of(disk); // has the range of disks
    }

    /**
     * Returns these resources with another number of processors.
     *
     * @param count the number of virtual processors
     * @return new resources
     */
    public Resources withCpus(int count) {
        return new Resources(count, memory, disk);
    }

    /**
     * Returns these resources with another amount of memory.
     *
     * @param size the guest's memory
     * @return new resources
     */
    public Resources withMemory(DataSize size) {
        return new Resources(cpus, size, disk);
    }

    /**
     * Returns these resources with another size of the job disk.
     *
     * @param size the size of the job disk
     * @return new resources
     */
    public Resources withDisk(DataSize size) {
        return new Resources(cpus, memory, size);
    }
}
