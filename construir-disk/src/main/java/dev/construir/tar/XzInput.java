package dev.construir.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.SingleXZInputStream;
import org.tukaani.xz.UnsupportedOptionsException;
import org.tukaani.xz.XZIOException;

/** The content of an xz file: streams in a row, with padding between them. Its messages are complete. */
final class XzInput extends InputStream {
    /** What every stream begins with. */
    static final byte[] MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

    private static final int MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB
    private static final int PADDING = 4; // section 2.2 of the format: a multiple of four zeros

    private final PushbackInputStream packed;
    private SingleXZInputStream stream;
    private boolean ended;

    XzInput(InputStream packed) throws IOException {
        this.packed = new PushbackInputStream(packed, MAGIC.length);
        this.stream = begin();
    }

    private SingleXZInputStream begin() throws IOException {
        try {
            return new SingleXZInputStream(packed, MEMORY_KIB);
        } catch (IOException e) {
            throw plain(e);
        }
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
            int got;
            try {
                got = stream.read(bytes, at, length);
            } catch (IOException e) {
                throw plain(e);
            }
            if (got > 0) {
                return got;
            }
            ended = !goOn();
        }
        return -1;
    }

    /** Begins the next stream, if there is one. */
    private boolean goOn() throws IOException {
        long zeros = 0;
        int next = packed.read();
        while (next == 0) {
            TarInput.checkInterrupt();
            zeros++;
            next = packed.read();
        }
        if (next < 0 && zeros % PADDING == 0) {
            return false;
        }
        byte[] start = new byte[MAGIC.length];
        int got = 0;
        if (next >= 0) {
            start[0] = (byte) next;
            got = 1 + packed.readNBytes(start, 1, start.length - 1);
        }
        if (got > 0 && got < MAGIC.length && zeros % PADDING == 0 && Arrays.equals(start, 0, got, MAGIC, 0, got)) {
            throw cutOff();
        }
        if (zeros % PADDING != 0 || got < MAGIC.length || !Arrays.equals(start, MAGIC)) {
            throw new IOException("the archive is whole, and something that is no xz stands behind it; "
                    + "cut that off, or get the archive again");
        }
        packed.unread(start, 0, got);
        stream = begin();
        return true;
    }

    private static EOFException cutOff() {
        return new EOFException("the archive is cut off: what xz packed has no end");
    }

    private static IOException plain(IOException failure) {
        if (failure instanceof EOFException && failure.getMessage() == null) {
            return cutOff();
        } else if (failure instanceof MemoryLimitException) {
            return new IOException(
                    "the archive cannot be unpacked: " + failure.getMessage() + "; pack it with xz -9 or less",
                    failure);
        } else if (failure instanceof UnsupportedOptionsException) {
            return new IOException(
                    "the archive is packed in a way that is not read here: " + failure.getMessage()
                            + "; unpack it: xz -dc FILE | construir pack - -o job.img",
                    failure);
        } else if (failure instanceof XZIOException) {
            return new IOException("the archive is damaged where xz packed it: " + failure.getMessage(), failure);
        }
        return failure;
    }
}
