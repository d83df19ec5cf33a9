package dev.construir.xz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Writes blocks as one stream, with the index by which it can be read at any place. For one thread. */
final class XzWriter {
    private final OutputStream out;
    private final ByteArrayOutputStream sizes = new ByteArrayOutputStream();
    private long blocks;

    /** Begins a stream. What it is written to is not closed. */
    XzWriter(OutputStream out) throws IOException {
        this.out = out;
        out.write(StreamFrame.header(BlockEncoder.CHECK));
    }

    void write(PackedBlock block) throws IOException {
        out.write(block.bytes());
        StreamFrame.putNumber(sizes, block.packed());
        StreamFrame.putNumber(sizes, block.size());
        blocks++;
    }

    /** Ends the stream. */
    void finish() throws IOException {
        byte[] index = StreamFrame.index(blocks, sizes.toByteArray());
        out.write(index);
        out.write(StreamFrame.footer(BlockEncoder.CHECK, index.length));
    }
}
