package dev.construir.xz;

import dev.construir.block.BlockSource;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Compresses disks on several threads, to one stream of independent blocks that can be read at any place. A value.
 *
 * @param preset one of xz's presets, 0 to 9
 * @param blockSize the size in bytes of the content of each block but the last
 * @param threads how many threads compress
 */
public record XzCompressor(int preset, int blockSize, int threads) {
    /**
     * Compresses a disk. The calling thread writes, in the disk's order, while its own threads read and compress. They
     * are gone when this returns, whether it succeeds or not.
     *
     * @param disk the disk, read by several threads at once and not closed
     * @param plain takes what was compressed, too; not closed
     * @param packed where the stream goes; not closed
     * @throws IOException if the disk cannot be read, or one of the others cannot be written
     * @throws InterruptedException if the thread is interrupted
     */
    public void compress(BlockSource disk, OutputStream plain, OutputStream packed)
            throws IOException, InterruptedException {
        XzWriter writer = new XzWriter(packed);
        int largest = (int) Math.min(blockSize, Math.max(1, disk.size())); // a small disk takes little memory
        XzCompressor how = new XzCompressor(preset, largest, threads);
        try (Compression compression = new Compression(how, disk, plain, writer)) {
            compression.run();
        }
        writer.finish();
    }

    /**
     * Compresses the zeros of which most disks consist, unless this process has done that already: the first disk need
     * not wait for it then.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void warmUp() throws IOException, InterruptedException {
        BlockEncoder encoder = new BlockEncoder(preset, blockSize);
        encoder.encodeZeros(blockSize);
        encoder.encodeZeros(Compression.zerosTogether(blockSize) * blockSize);
    }

    /**
     * Returns how much memory compressing takes.
     *
     * @return the memory of all threads in bytes, with that of all blocks on their way, at most
     */
    public long memory() {
        long encoder = (long) BlockEncoder.options(preset, blockSize).getEncoderMemoryUsage() << 10;
        return Compression.memory(encoder, blockSize, threads);
    }
}
