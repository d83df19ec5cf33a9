package dev.construir.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The archive, of which always so many bytes may be read, and the padding to the next block skipped. */
final class TarInput extends InputStream {
    private static final int SKIP = 64 << 10;

    private final InputStream in;
    private long position;
    private long left;
    private String of = "";

    TarInput(InputStream in) {
        this.in = in;
    }

    long position() {
        return position;
    }

    long left() {
        return left;
    }

    void begin(long size, String name) {
        left = size;
        of = name;
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
        if (left == 0) {
            return -1;
        }
        int got = in.read(bytes, from, (int) Math.min(length, left));
        if (got < 0) {
            throw new EOFException("the archive is cut off: it ends at byte " + position + ", and " + left
                    + " bytes of " + of + " are missing");
        }
        position += got;
        left -= got;
        return got;
    }

    /** Reads what nobody asked for, and the padding. */
    void skipRest() throws IOException {
        long padding = -(position + left) & (TarHeader.SIZE - 1);
        byte[] bytes = new byte[(int) Math.min(SKIP, left + padding)];
        left += padding;
        while (left > 0) {
            read(bytes, 0, bytes.length);
        }
    }

    /** Reads a whole block. */
    void read(byte[] bytes, String what) throws IOException {
        begin(bytes.length, what);
        readNBytes(bytes, 0, bytes.length);
    }

    /** Reads a whole block that stands before the bytes that may be read. */
    void readAhead(byte[] bytes, String what) throws IOException {
        long behind = left;
        read(bytes, what);
        begin(behind, what);
    }

    int readRaw(byte[] bytes) throws IOException {
        return in.read(bytes);
    }
}
