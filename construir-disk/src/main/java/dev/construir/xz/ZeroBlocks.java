package dev.construir.xz;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of zeros that this process has compressed. Most of a disk is zeros, and it takes 0.1 s to compress 16 MiB of them: whoever waits
 * for the result of a job need not wait for that each time. Safe for use by many threads.
 */
final class ZeroBlocks {
    /** Some kilobytes each. Those of the last blocks of disks have as many sizes as there are disks. */
    private static final int MOST = 64;

    private static final ConcurrentMap<Kind, PackedBlock> KNOWN = new ConcurrentHashMap<>();

    private ZeroBlocks() {}

    /** What makes two blocks of zeros the same bytes. */
    record Kind(int preset, int dictionary, int length) {}

    static @Nullable PackedBlock find(Kind kind) {
        return KNOWN.get(kind);
    }

    static void keep(Kind kind, PackedBlock block) {
        if (KNOWN.size() < MOST) {
            KNOWN.putIfAbsent(kind, block);
        }
    }
}
