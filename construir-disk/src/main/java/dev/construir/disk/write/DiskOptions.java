package dev.construir.disk.write;

import dev.construir.DataSize;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * How a disk is written. Same options and same content make the same bytes.
 *
 * @param size the size of the disk, 64 KiB to 2 TiB, a multiple of 4 KiB; what is not used takes no room on the host
 * @param uuid the identity of its file system
 * @param time the times of the file system itself and of directories without given attributes
 * @since 0.1
 */
public record DiskOptions(DataSize size, UUID uuid, Instant time) {
    private static final DataSize MIN = DataSize.ofKibibytes(64);
    private static final DataSize MAX = DataSize.ofGibibytes(2048);

    /**
     * Creates options.
     *
     * @param size see {@link #size()}
     * @param uuid see {@link #uuid()}
     * @param time see {@link #time()}
     * @throws IllegalArgumentException if the size is out of its range
     */
    public DiskOptions {
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(time, "time");
        if (size.compareTo(MIN) < 0 || size.compareTo(MAX) > 0 || size.bytes() % 4096 != 0) {
            throw new IllegalArgumentException("a job disk has " + MIN + " to " + MAX + " in steps of 4K, not " + size);
        }
    }

    /**
     * Returns options for a disk whose bytes depend on its content and size alone.
     *
     * @param size the size of the disk
     * @return the options, with a fixed identity and the epoch as the time
     */
    public static DiskOptions of(DataSize size) {
        return new DiskOptions(size, new UUID(0x636f_6e73_7472_4000L, 0x8000_0000_0000_0000L), Instant.EPOCH);
    }
}
