package dev.construir.disk.compress;

import dev.construir.DataSize;
import dev.construir.xz.XzCompressor;
import java.util.Objects;

/**
 * How a disk image is compressed.
 *
 * @param preset a preset of xz: 0, which is quick, to 9, which makes small files
 * @param blockSize how much of the disk is compressed by itself, 64 KiB to 16 MiB: to read any of it, all of that is
 *     unpacked
 * @param threads how many threads compress, 1 to 256, beside the one that calls; no more are made than there are blocks
 * @param freeBlocks what becomes of what stands in free blocks
 * @param digests what is computed of both files on the way
 * @since 0.1
 */
public record CompressOptions(int preset, DataSize blockSize, int threads, FreeBlocks freeBlocks, Digests digests) {
    private static final int LAST_PRESET = 9;
    private static final DataSize SMALLEST = DataSize.ofKibibytes(64);
    private static final DataSize LARGEST = DataSize.ofMebibytes(16);
    private static final int MOST_THREADS = 256;
    private static final DataSize REST =
            DataSize.ofMebibytes(8); // of the file system, and the list of blocks of some 100 GiB

    /**
     * Preset 1 and blocks of 1 MiB, a thread for each processor that Java had when it started, free blocks as zeros, no
     * digests. Of documents and programs, preset 6 makes files that are a tenth smaller in four times the time.
     */
    public static final CompressOptions DEFAULT = new CompressOptions(
            1,
            DataSize.ofMebibytes(1),
            Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()),
            FreeBlocks.AS_ZEROS,
            Digests.NONE);

    /**
     * What becomes of what stands in free blocks: what files held that were deleted, and often most of a disk.
     *
     * @since 0.1
     */
    public enum FreeBlocks {
        /** It is compressed as everything else is. */
        AS_THEY_ARE,
        /**
         * It is replaced by zeros, which take no time and no room; deleted files cannot be undeleted any more. All
         * files are the same, and so is everything the file system keeps for itself. This is only done to a raw image
         * that begins with an ext2, ext3 or ext4 file system which says that it was unmounted cleanly, and whose
         * bitmaps agree with the rest of it. All else is compressed as it is: what is damaged, what has features that
         * are not known here, disks with partitions, images that are larger than 8,192 groups (1 TiB, if blocks have 4
         * KiB).
         */
        AS_ZEROS
    }

    /**
     * What is computed of both files on the way.
     *
     * @since 0.1
     */
    public enum Digests {
        /** Nothing. */
        NONE,
        /** The SHA-256 of the compressed file, by the calling thread, without reading it again. */
        COMPRESSED,
        /** The SHA-256 of each, so too; that of a sparse image takes as long as if it had no holes. */
        SHA256
    }

    /**
     * Creates options.
     *
     * @param preset see {@link #preset()}
     * @param blockSize see {@link #blockSize()}
     * @param threads see {@link #threads()}
     * @param freeBlocks see {@link #freeBlocks()}
     * @param digests see {@link #digests()}
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public CompressOptions {
        Objects.requireNonNull(blockSize, "blockSize");
        Objects.requireNonNull(freeBlocks, "freeBlocks");
        Objects.requireNonNull(digests, "digests");
        if (preset < 0 || preset > LAST_PRESET) {
            throw new IllegalArgumentException("xz has presets from 0 to " + LAST_PRESET + ", and no " + preset);
        }
        if (blockSize.compareTo(SMALLEST) < 0 || blockSize.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    "blocks have " + SMALLEST + " to " + LARGEST + " of a disk, and not " + blockSize);
        }
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("1 to " + MOST_THREADS + " threads compress, and not " + threads);
        }
    }

    /**
     * Returns these options with another preset.
     *
     * @param number see {@link #preset()}
     * @return the options
     * @throws IllegalArgumentException if it is out of its range
     */
    public CompressOptions withPreset(int number) {
        return new CompressOptions(number, blockSize, threads, freeBlocks, digests);
    }

    /**
     * Returns these options with another size of blocks.
     *
     * @param size see {@link #blockSize()}
     * @return the options
     * @throws IllegalArgumentException if it is out of its range
     */
    public CompressOptions withBlockSize(DataSize size) {
        return new CompressOptions(preset, size, threads, freeBlocks, digests);
    }

    /**
     * Returns these options with another number of threads.
     *
     * @param number see {@link #threads()}
     * @return the options
     * @throws IllegalArgumentException if it is out of its range
     */
    public CompressOptions withThreads(int number) {
        return new CompressOptions(preset, blockSize, number, freeBlocks, digests);
    }

    /**
     * Returns these options with something else becoming of free blocks.
     *
     * @param what see {@link #freeBlocks()}
     * @return the options
     */
    public CompressOptions withFreeBlocks(FreeBlocks what) {
        return new CompressOptions(preset, blockSize, threads, what, digests);
    }

    /**
     * Returns these options with other digests.
     *
     * @param which see {@link #digests()}
     * @return the options
     */
    public CompressOptions withDigests(Digests which) {
        return new CompressOptions(preset, blockSize, threads, freeBlocks, which);
    }

    /**
     * Returns how much memory compressing takes.
     *
     * @return the memory of all threads, at most, garbage not counted: for each the encoder's and eight blocks, and 8
     *     MiB for the whole
     */
    public DataSize memory() {
        return DataSize.ofBytes(compressor().memory() + REST.bytes());
    }

    XzCompressor compressor() {
        return new XzCompressor(preset, (int) blockSize.bytes(), threads);
    }
}
