package dev.construir.volume;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where in directories a name was found last, for the directories that were searched last. Who lists a directory and
 * then opens what is in it asks for its names in its order, so the next one is mostly in the same block. For use by
 * many threads.
 */
public final class DirectoryLookupCache {
    private static final int MOST = 256;
    private static final float LOAD = 0.75f;

    private final Map<Long, Long> blocks = new LinkedHashMap<>(16, LOAD, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > MOST;
        }
    };

    /** Returns which block of a directory is to be searched first. */
    public synchronized long block(long directory) {
        return blocks.getOrDefault(directory, 0L);
    }

    public synchronized void found(long directory, long block) {
        blocks.put(directory, block);
    }
}
