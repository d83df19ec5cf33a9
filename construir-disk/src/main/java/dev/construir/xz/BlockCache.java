package dev.construir.xz;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The content that was unpacked last, in pieces of up to 64 KiB, by where they stand on the disk. */
final class BlockCache {
    static final int SIZE = 64 << 10;

    private static final float LOAD = 0.75f;

    private final long most;
    private final Map<Long, byte[]> kept = new LinkedHashMap<>(16, LOAD, true); // the least recently used one first
    private long size;

    /**
     * Starts with nothing.
     *
     * @param most how many bytes are kept at most, those of pieces that are about to come included
     */
    BlockCache(long most) {
        this.most = most;
    }

    /** Returns a piece, not to be changed, or null. */
    byte @Nullable [] get(long start) {
        return kept.get(start);
    }

    /** Forgets as much as is needed to keep so many bytes more. */
    void makeRoom(long bytes) {
        Iterator<byte[]> eldest = kept.values().iterator();
        while (size > most - bytes && eldest.hasNext()) {
            size -= eldest.next().length;
            eldest.remove();
        }
    }

    /** Keeps pieces that follow each other. */
    void put(long start, List<byte[]> pieces) {
        long at = start;
        for (byte[] piece : pieces) {
            byte[] before = kept.put(at, piece);
            size += piece.length - (before == null ? 0 : before.length);
            at += piece.length;
        }
    }
}
