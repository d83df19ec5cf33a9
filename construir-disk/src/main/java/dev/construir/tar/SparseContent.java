package dev.construir.tar;

import dev.construir.block.SparseInput;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A sparse file, with zeros where it has holes. */
final class SparseContent extends InputStream implements SparseInput {
    private final InputStream stored;
    private final SparseMap map;
    private final long size;
    private long position;
    private int piece;

    SparseContent(InputStream stored, SparseMap map, long size) {
        this.stored = stored;
        this.map = map;
        this.size = size;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        long hole = hole();
        if (hole > 0) {
            int zeros = (int) Math.min(length, hole);
            Arrays.fill(bytes, from, from + zeros, (byte) 0);
            position += zeros;
            return zeros;
        }
        if (position == size) {
            return -1;
        }
        int wanted = (int) Math.min(length, data());
        int got = stored.read(bytes, from, wanted);
        position += Math.max(got, 0);
        return got;
    }

    @Override
    public long hole() {
        while (piece < map.pieces() && position == map.offset(piece) + map.length(piece)) {
            piece++;
        }
        return Math.max(0, (piece < map.pieces() ? map.offset(piece) : size) - position);
    }

    @Override
    public long data() {
        return hole() > 0 || position == size ? 0 : map.offset(piece) + map.length(piece) - position;
    }

    @Override
    public void skipHole(long bytes) {
        position += bytes;
    }
}
