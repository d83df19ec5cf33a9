package dev.construir.xz;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of zeros that this process compressed last. Most of a disk is zeros, and 16 MiB of them take 0.1 s: the
 * result of a job should not wait for that each time. Safe for use by many threads.
 */
final class ZeroBlocks {
    /** Some kilobytes each. */
    private static final int MOST = 64;

    // guarded by itself
    private static final Map<Kind, PackedBlock> KNOWN = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, PackedBlock> eldest) {
            return size() > MOST;
        }
    };

    private ZeroBlocks() {}

    /** What makes two blocks of zeros the same bytes. */
    record Kind(int preset, int dictionary, int length) {}

    static @Nullable PackedBlock find(Kind kind) {
        synchronized (KNOWN) {
            return KNOWN.get(kind);
        }
    }

    static void keep(Kind kind, PackedBlock block) {
        synchronized (KNOWN) {
            KNOWN.put(kind, block);
        }
    }
}
