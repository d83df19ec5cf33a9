package dev.construir.xz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes a file that can be read at any place: one stream of independent blocks. For one thread. */
public final class XzWriter {
    private final OutputStream out;
    private final BlockEncoder encoder;
    private final ByteArrayOutputStream sizes = new ByteArrayOutputStream();
    private long blocks;

    /**
     * Begins a file.
     *
     * @param out where it goes; not closed
     * @param preset one of xz's presets, 0 to 9
     * @param blockSize the size in bytes of the content of each block but the last
     * @throws IOException if its header cannot be written
     */
    public XzWriter(OutputStream out, int preset, int blockSize) throws IOException {
        this.out = out;
        this.encoder = new BlockEncoder(preset, blockSize);
        out.write(StreamFrame.header(BlockEncoder.CHECK));
    }

    /**
     * Compresses and writes a block.
     *
     * @param content its content
     * @param length how many bytes of that it is, from the first on
     * @throws IOException if it cannot be written
     */
    public void write(byte[] content, int length) throws IOException {
        PackedBlock block = encoder.encode(content, length);
        out.write(block.bytes());
        StreamFrame.putNumber(sizes, block.packed());
        StreamFrame.putNumber(sizes, block.size());
        blocks++;
    }

    /**
     * Ends the file.
     *
     * @throws IOException if the end cannot be written
     */
    public void finish() throws IOException {
        byte[] index = StreamFrame.index(blocks, sizes.toByteArray());
        out.write(index);
        out.write(StreamFrame.footer(BlockEncoder.CHECK, index.length));
    }

    /**
     * Tells how much memory compressing takes.
     *
     * @param preset one of xz's presets, 0 to 9
     * @param blockSize the size of blocks in bytes
     * @return the encoder's memory in bytes
     */
    public static long memory(int preset, int blockSize) {
        return (long) BlockEncoder.options(preset, blockSize).getEncoderMemoryUsage() << 10;
    }
}
