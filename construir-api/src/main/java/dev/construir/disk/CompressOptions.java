package dev.construir.disk;

import dev.construir.DataSize;
import dev.construir.xz.XzWriter;
import java.util.Objects;

/**
 * How a disk image is compressed.
 *
 * @param preset a preset of xz: 0, which is quick, to 9, which makes small files
 * @param blockSize how much of the disk is compressed by itself, 64 KiB to 16 MiB: to read any of it, all of that is unpacked
 */
public record CompressOptions(int preset, DataSize blockSize) {
    private static final int LAST_PRESET = 9;
    private static final DataSize SMALLEST = DataSize.ofKibibytes(64);
    private static final DataSize LARGEST = DataSize.ofMebibytes(16);

    /**
     * Preset 1 and blocks of 1 MiB. Of blocks of that size, preset 6 makes files that are two percent smaller at most, in twice the time, where
     * half of a disk is text and half cannot be compressed.
     */
    public static final CompressOptions DEFAULT = new CompressOptions(1, DataSize.ofMebibytes(1));

    /**
     * Creates options.
     *
     * @param preset see {@link #preset()}
     * @param blockSize see {@link #blockSize()}
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public CompressOptions {
        Objects.requireNonNull(blockSize, "blockSize");
        if (preset < 0 || preset > LAST_PRESET) {
            throw new IllegalArgumentException("xz has presets from 0 to " + LAST_PRESET + ", and no " + preset);
        }
        if (blockSize.compareTo(SMALLEST) < 0 || blockSize.compareTo(LARGEST) > 0) {
            throw new IllegalArgumentException(
                    "blocks have " + SMALLEST + " to " + LARGEST + " of a disk, and not " + blockSize);
        }
    }

    /**
     * Tells how much memory compressing takes.
     *
     * @return the memory of each thread that compresses, in all about: the encoder's, and some blocks
     */
    public DataSize memory() {
        return DataSize.ofBytes(XzWriter.memory(preset, (int) blockSize.bytes()) + 4 * blockSize.bytes());
    }
}
