package dev.construir.xz;

import dev.construir.DataSize;
import java.util.Objects;

/**
 * How much reading a compressed disk takes at most. The first three together are the memory that a source may hold at
 * once.
 *
 * @param index for the list of blocks, which is held as long as the source is open: 16 bytes for each block, 128 more
 *     for each stream
 * @param decoder for decoding a block, most of it its dictionary: 8 MiB at xz's preset 6, 64 MiB at preset 9
 * @param unpacked for content that was unpacked and is kept, and so how large a block may be: the preset 6 of xz with
 *     several threads makes blocks of 24 MiB
 * @param repeated how much may be unpacked in all, in addition to 64 times the disk; this bounds the time
 */
public record XzLimits(DataSize index, DataSize decoder, DataSize unpacked, DataSize repeated) {
    private static final DataSize MOST = DataSize.ofGibibytes(1);

    /** 6 MiB, or 384 GiB of disk in blocks of one MiB; 10 MiB, or the preset 6 of xz; 28 MiB; 4 GiB. */
    public static final XzLimits DEFAULT = new XzLimits(
            DataSize.ofMebibytes(6), DataSize.ofMebibytes(10), DataSize.ofMebibytes(28), DataSize.ofGibibytes(4));

    /**
     * Creates limits.
     *
     * @param index see {@link #index()}
     * @param decoder see {@link #decoder()}
     * @param unpacked see {@link #unpacked()}
     * @param repeated see {@link #repeated()}
     * @throws IllegalArgumentException if one of the first three is larger than 1 GiB
     */
    public XzLimits {
        Objects.requireNonNull(index, "index");
        Objects.requireNonNull(decoder, "decoder");
        Objects.requireNonNull(unpacked, "unpacked");
        Objects.requireNonNull(repeated, "repeated");
        if (index.compareTo(MOST) > 0 || decoder.compareTo(MOST) > 0 || unpacked.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "a limit of memory is " + MOST + " at most: " + index + ", " + decoder + ", " + unpacked);
        }
    }
}
