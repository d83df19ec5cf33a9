package dev.construir.bench;

import dev.construir.DataSize;

/**
 * How much there is of what disks are measured with.
 *
 * @param small a tree of small files
 * @param big a tree of one big file
 * @param many a tree to be listed
 * @param compressed the size of the disk that is compressed
 * @param picked the size of the file that is read from it; all its files have this size
 */
record DiskSamples(SampleTree small, SampleTree big, SampleTree many, DataSize compressed, DataSize picked) {
    private static final int BLOCK = 1 << 16;

    /** Returns a share of the whole, from 0 to 1, and of everything at least a little. */
    static DiskSamples scaled(double share) {
        return new DiskSamples(
                new SampleTree(count(20_000, share), count(200, share), 20_000),
                new SampleTree(1, 1, bytes(DataSize.ofGibibytes(2), share).bytes()),
                new SampleTree(count(100_000, share), count(500, share), 0),
                bytes(DataSize.ofGibibytes(1), share),
                bytes(DataSize.ofMebibytes(10), share));
    }

    private static int count(int whole, double share) {
        return Math.max(2, (int) Math.round(whole * share));
    }

    private static DataSize bytes(DataSize whole, double share) {
        return DataSize.ofBytes(Math.max(1, Math.round(whole.bytes() * share / BLOCK)) * BLOCK);
    }
}
