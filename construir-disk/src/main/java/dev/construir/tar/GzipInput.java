package dev.construir.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The content of a gzip file (RFC 1952): members in a row; bytes after them are ignored. Java's own stream recurses for
 * each empty member, so that an untrusted file can overflow the stack.
 */
final class GzipInput extends InputStream {
    static final byte[] MAGIC = {0x1f, (byte) 0x8b};

    private static final int DEFLATE = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;
    private static final int BUFFER = 64 << 10;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private final Inflater inflater = new Inflater(true);
    private final CRC32 headerSum = new CRC32();
    private final CRC32 sum = new CRC32();
    private int from;
    private int to;
    private boolean ended;

    GzipInput(InputStream in) throws IOException {
        this.in = in;
        ended = !begin();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int at, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int got = inflate(bytes, at, length);
            if (got > 0) {
                sum.update(bytes, at, got);
                return got;
            } else if (inflater.finished()) {
                from = to - inflater.getRemaining();
                checkEnd();
                ended = !begin();
            } else {
                inflateMore();
            }
        }
        return -1;
    }

    private int inflate(byte[] bytes, int at, int length) throws IOException {
        try {
            return inflater.inflate(bytes, at, length);
        } catch (DataFormatException e) {
            throw new IOException("the archive is damaged: what gzip packed cannot be unpacked", e);
        }
    }

    private void inflateMore() throws IOException {
        if (inflater.needsDictionary()) {
            throw damaged("it needs a dictionary");
        } else if (!fill()) {
            throw cutOff();
        }
        inflater.setInput(buffer, from, to - from);
        from = to;
    }

    private boolean fill() throws IOException {
        if (from == to) {
            from = 0;
            to = Math.max(0, in.read(buffer, 0, buffer.length));
        }
        return from < to;
    }

    /** Reads a member's header, if one follows. */
    private boolean begin() throws IOException {
        headerSum.reset();
        for (byte each : MAGIC) {
            if (!fill() || next() != (each & 0xff)) {
                return false;
            }
        }
        int method = next();
        int flags = next();
        if (method != DEFLATE || (flags & RESERVED) != 0) {
            throw damaged("it is packed in an unknown way");
        }
        pass(6); // time, compression level, operating system
        if ((flags & EXTRA) != 0) {
            pass(number(2));
        }
        skipText((flags & NAME) != 0);
        skipText((flags & COMMENT) != 0);
        long is = headerSum.getValue() & 0xffff;
        if ((flags & HEADER_CRC) != 0 && number(2) != is) {
            throw damaged("a header has a wrong checksum");
        }
        inflater.reset();
        inflater.setInput(buffer, from, to - from);
        from = to;
        sum.reset();
        return true;
    }

    private void checkEnd() throws IOException {
        if (number(4) != sum.getValue() || number(4) != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw damaged("its content has a wrong checksum or length");
        }
    }

    private int next() throws IOException {
        if (!fill()) {
            throw cutOff();
        }
        int next = buffer[from++] & 0xff;
        headerSum.update(next);
        return next;
    }

    private long number(int bytes) throws IOException {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number |= (long) next() << (8 * i);
        }
        return number;
    }

    private void pass(long bytes) throws IOException {
        for (long i = 0; i < bytes; i++) {
            next();
        }
    }

    private void skipText(boolean isThere) throws IOException {
        boolean more = isThere;
        while (more) {
            more = next() != 0;
        }
    }

    private static IOException damaged(String how) {
        return new IOException("the archive is damaged where gzip packed it: " + how);
    }

    private static IOException cutOff() {
        return new EOFException("the archive is cut off: what gzip packed has no end");
    }
}
