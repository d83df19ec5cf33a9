package dev.construir.qcow2;

import dev.construir.DiskFormatException;
import dev.construir.block.BlockSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The two levels of tables that say where the clusters of the disk stand in the file. They are never loaded whole: the
 * first level may have 32 MiB, the second far more. Safe for use by many threads.
 */
final class ClusterTables {
    /** The bits of an entry, of either level, that are an offset in the file. */
    static final long OFFSET = 0x00ff_ffff_ffff_fe00L;
    /** A hint for writers, in entries of either level. */
    static final long SINGLE = 1L << 63;

    private static final int PAGE = 4096;
    private static final int PAGES_KEPT = 256;

    private final BlockSource file;
    private final Qcow2Header header;
    private final int entrySize;
    private final long entriesPerTable;
    private final LruCache pages = new LruCache(PAGES_KEPT);

    ClusterTables(BlockSource file, Qcow2Header header) {
        this.file = file;
        this.header = header;
        this.entrySize = header.hasExtendedTables() ? 16 : 8;
        this.entriesPerTable = header.clusterSize() / entrySize;
    }

    /** Returns what the tables say of a cluster of the disk; 0 if they say nothing. */
    ClusterEntry entry(long cluster) throws IOException {
        long table = table(cluster / entriesPerTable);
        long bits = table == 0 ? 0 : word(table + cluster % entriesPerTable * entrySize);
        return new ClusterEntry(bits, cluster, header);
    }

    /**
     * Checks that everything the tables name stands in the file, as it does not when the file was cut off.
     *
     * @param most how many entries are looked at, at least; those of a table that was started come on top
     */
    void checkAll(long most) throws IOException {
        any(most, entry -> {
            entry.check(file.size());
            return false;
        });
    }

    /** Returns whether a cluster is compressed, of as many as {@link #checkAll} looks at. */
    boolean nameCompressed(long most) throws IOException {
        return any(most, entry -> entry.kind() == ClusterEntry.Kind.COMPRESSED);
    }

    private interface Question {
        boolean holds(ClusterEntry entry) throws IOException;
    }

    private boolean any(long most, Question question) throws IOException {
        long clusters = 1 + (header.virtualSize() - 1) / header.clusterSize();
        long seen = 0;
        for (long first = 0; first < clusters && seen < most; first += entriesPerTable, seen++) {
            if (table(first / entriesPerTable) == 0) {
                continue;
            }
            long end = Math.min(first + entriesPerTable, clusters);
            for (long cluster = first; cluster < end; cluster++) {
                if (question.holds(entry(cluster))) {
                    return true;
                }
            }
            seen += end - first;
        }
        return false;
    }

    /** Returns where a second-level table stands, or 0. */
    private long table(long index) throws IOException {
        long at = header.tablesOffset() + index * Long.BYTES;
        long entry = word(at);
        long table = entry & OFFSET;
        if ((entry & ~(OFFSET | SINGLE)) != 0 || table % header.clusterSize() != 0) {
            throw new DiskFormatException("the first-level table of a qcow2 image is damaged at byte " + at + ": 0x"
                    + Long.toHexString(entry));
        }
        if (table > file.size() - header.clusterSize()) {
            throw new DiskFormatException("a qcow2 image ends before its second-level table at byte " + table
                    + "; it was not copied whole, or is damaged");
        }
        return table;
    }

    private long word(long at) throws IOException {
        long start = at - at % PAGE;
        byte[] page = pages.get(start, () -> file.read(start, (int) Math.min(PAGE, file.size() - start)));
        return ByteBuffer.wrap(page).getLong((int) (at - start));
    }
}
