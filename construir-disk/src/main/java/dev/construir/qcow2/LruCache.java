package dev.construir.qcow2;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps what was read last, as many pieces as it may. Safe for use by many threads. */
final class LruCache {
    private static final float LOAD = 0.75f;

    private final int most;
    private final Map<Long, byte[]> kept = new LinkedHashMap<>(16, LOAD, true); // the least recently used one first

    LruCache(int most) {
        this.most = most;
    }

    /** Reads a piece. */
    @FunctionalInterface
    interface Source {
        byte[] read() throws IOException;
    }

    /** Returns a piece, which many may hold: not to be changed. */
    synchronized byte[] get(long key, Source source) throws IOException {
        byte[] piece = kept.get(key);
        if (piece == null) {
            piece = source.read();
            kept.put(key, piece);
            if (kept.size() > most) {
                Iterator<byte[]> eldest = kept.values().iterator();
                eldest.next();
                eldest.remove();
            }
        }
        return piece;
    }
}
