package dev.construir.xz;

import dev.construir.block.BlockSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A part of a file as a stream. */
final class SourceStream extends InputStream {
    private final BlockSource file;
    private final long end;
    private long position;

    SourceStream(BlockSource file, long start, long size) {
        this.file = file;
        this.position = start;
        this.end = start + size;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, into.length);
        if (length == 0) {
            return 0;
        }
        int count = (int) Math.min(length, end - position);
        if (count <= 0) {
            return -1;
        }
        file.read(position, into, at, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, end - position);
    }
}
