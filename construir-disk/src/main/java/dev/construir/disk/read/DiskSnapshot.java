package dev.construir.disk.read;

import dev.construir.ext.Inode;
import dev.construir.volume.VolumeEntry;
import java.time.Instant;
import java.util.Arrays;

/**
 * What was on a disk at some time, to find out later what was changed: see {@link Selection#changedSince}. Content is
 * not looked at, but what a system changes with it: a file's inode, its generation, size and number of names, and the
 * time of the inode's last change, which no program can set back by {@code touch}. (Where inodes have 128 bytes that
 * time counts whole seconds.)
 *
 * <p>Of every name it keeps 64 bits. Immutable.
 *
 * @since 0.1
 */
public final class DiskSnapshot {
    /** Nothing was there: everything is new. */
    public static final DiskSnapshot EMPTY = new DiskSnapshot(new long[0]);

    private final long[] fingerprints;

    private DiskSnapshot(long[] fingerprints) {
        this.fingerprints = fingerprints;
    }

    /** Returns whether an entry was there, as it is, and under this path. */
    boolean holds(VolumeEntry entry) {
        return Arrays.binarySearch(fingerprints, fingerprint(entry)) >= 0;
    }

    private static long fingerprint(VolumeEntry entry) {
        Inode inode = entry.inode();
        long hash = mix(mix(mix(entry.number(), inode.generation()), inode.mode()), inode.uid() << 32 | inode.gid());
        // Of a directory less counts: it changes with what is in it.
        if (!inode.isDirectory()) {
            Instant changed = inode.changed();
            hash = mix(mix(hash, changed.getEpochSecond()), changed.getNano());
            hash = mix(mix(hash, inode.size()), inode.links());
        }
        String path = entry.path();
        for (int i = 0; i < path.length(); i++) {
            hash = mix(hash, path.charAt(i));
        }
        return hash;
    }

    /**
     * Two entries out of millions are unlikely to get the same hash; who takes pains for it only hides a result of his
     * own.
     */
    private static long mix(long hash, long value) {
        long product = (hash ^ value) * 0x9e37_79b9_7f4a_7c15L;
        return product ^ product >>> 32;
    }

    /** Returns how much it knows. */
    @Override
    public String toString() {
        return fingerprints.length + " entries of a disk";
    }

    /** Collects entries. */
    static final class Builder {
        private long[] found = new long[64];
        private int count;

        void add(VolumeEntry entry) {
            if (count == found.length) {
                found = Arrays.copyOf(found, 2 * count);
            }
            found[count++] = fingerprint(entry);
        }

        DiskSnapshot build() {
            long[] sorted = Arrays.copyOf(found, count);
            Arrays.sort(sorted);
            return new DiskSnapshot(sorted);
        }
    }
}
