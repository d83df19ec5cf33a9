package dev.construir.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.channels.ClosedByInterruptException;

/** The stream of an archive: ends at the end of the current content, and skips the padding to the next block. */
final class TarInput extends InputStream {
    private static final int SKIP = 64 << 10;

    private final PushbackInputStream in;
    private final LastRecord last = new LastRecord();
    private long position;
    private long left;
    private String of = "";

    TarInput(InputStream in) {
        this.in = new PushbackInputStream(in, TarHeader.SIZE);
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
        checkInterrupt();
        int got = in.read(bytes, from, (int) Math.min(length, left));
        if (got < 0) {
            throw new EOFException("the archive is cut off: it ends at byte " + position + ", and " + left
                    + " bytes of " + of + " are missing");
        }
        last.add(position, bytes, from, got);
        position += got;
        left -= got;
        return got;
    }

    /** Skips what was not read, and the padding. */
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

    /** Reads a whole block that precedes the content. */
    void readAhead(byte[] bytes, String what) throws IOException {
        long behind = left;
        read(bytes, what);
        begin(behind, what);
    }

    /** Reads a block where the archive may end. Returns how many bytes of it there are. */
    int readIfThere(byte[] bytes) throws IOException {
        checkInterrupt();
        int got = in.readNBytes(bytes, 0, bytes.length);
        last.add(position, bytes, 0, got);
        position += got;
        return got;
    }

    /** Ends the reading if interrupted: an untrusted archive may be endless without any entry. */
    static void checkInterrupt() throws ClosedByInterruptException {
        if (Thread.currentThread().isInterrupted()) {
            throw new ClosedByInterruptException();
        }
    }

    /**
     * Returns whether the last block equals the block one record before: a remainder in the buffer of the program that
     * wrote the archive.
     */
    boolean isRepeated(byte[] bytes) {
        return last.isRepeated(position - bytes.length, bytes);
    }

    /** Returns whether the next block seems to begin an entry or end the archive, without reading it. */
    boolean isNextHeader() throws IOException {
        byte[] next = new byte[TarHeader.SIZE];
        int got = in.readNBytes(next, 0, next.length);
        in.unread(next, 0, got);
        return got < next.length || TarHeader.isZero(next) || TarHeader.isHeader(next);
    }
}
