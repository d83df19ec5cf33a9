package dev.construir.disk;

import dev.construir.DataSize;
import java.util.Objects;
import java.util.UUID;

/**
 * What a file system says of itself. A guest may have written any of it; only the size is known to be there.
 *
 * @param kind which of the family it is
 * @param label its name, at most 16 bytes of UTF-8; may be empty, and may hold control characters
 * @param uuid its identity
 * @param size how much of the disk it takes
 * @param blockSize the size of a block in bytes, a power of two from 1,024 to 65,536
 * @param free the room that is free, by its own account when it was last written down; at most {@code size}
 * @param freeInodes how many more files there can be, by the same account
 * @param state how it was left
 * @since 0.1
 */
public record FileSystemInfo(
        Kind kind, String label, UUID uuid, DataSize size, int blockSize, DataSize free, long freeInodes, State state) {
    /**
     * The members of the family, distinguished as {@code blkid} does.
     *
     * @since 0.1
     */
    public enum Kind {
        /** Without a journal, and with nothing that ext3 did not know. */
        EXT2,
        /** Like ext2, with a journal. */
        EXT3,
        /** With extents or anything else that came with ext4. */
        EXT4
    }

    /**
     * How a file system was left.
     *
     * @since 0.1
     */
    public enum State {
        /** It was unmounted, or never mounted. */
        CLEAN,
        /** It has no journal in use and was not unmounted: parts of it may be missing or contradict each other. */
        NOT_UNMOUNTED,
        /**
         * It was not unmounted, and its journal holds changes that were not made yet. They are not looked at: what is
         * read may be stale, parts of it may be missing or contradict each other. A mount makes the changes, or
         * {@code e2fsck -p} on a copy.
         */
        JOURNAL_NOT_REPLAYED
    }

    /**
     * Checks that nothing is missing.
     *
     * @param kind see {@link #kind()}
     * @param label see {@link #label()}
     * @param uuid see {@link #uuid()}
     * @param size see {@link #size()}
     * @param blockSize see {@link #blockSize()}
     * @param free see {@link #free()}
     * @param freeInodes see {@link #freeInodes()}
     * @param state see {@link #state()}
     */
    public FileSystemInfo {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(free, "free");
        Objects.requireNonNull(state, "state");
    }
}
