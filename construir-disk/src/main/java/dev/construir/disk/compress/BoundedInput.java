package dev.construir.disk.compress;

import dev.construir.DataSize;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Ends with an error instead of giving more bytes than allowed. */
final class BoundedInput extends FilterInputStream {
    private final DataSize most;
    private long room;

    BoundedInput(InputStream in, DataSize most) {
        super(in);
        this.most = most;
        this.room = most.bytes();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = super.read(bytes, offset, length);
        room -= Math.max(n, 0);
        if (room < 0) {
            throw new IOException("the image unpacks to more than " + most);
        }
        return n;
    }
}
