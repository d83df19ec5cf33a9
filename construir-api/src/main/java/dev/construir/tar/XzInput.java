package dev.construir.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/** What an xz file holds. It says in full what is wrong with one. */
final class XzInput extends InputStream {
    private static final int MEMORY_KIB = 128 << 10; // xz -9 takes 65 MiB

    private final XZInputStream in;

    XzInput(InputStream packed) throws IOException {
        try {
            in = new XZInputStream(packed, MEMORY_KIB);
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
        try {
            return in.read(bytes, at, length);
        } catch (IOException e) {
            throw plain(e);
        }
    }

    private static IOException plain(IOException failure) {
        if (failure instanceof EOFException && failure.getMessage() == null) {
            return new EOFException("the archive is cut off: what xz packed has no end");
        } else if (failure instanceof MemoryLimitException) {
            return new IOException(
                    "the archive cannot be unpacked: " + failure.getMessage() + "; pack it with xz -9 or less",
                    failure);
        } else if (failure instanceof XZIOException) {
            return new IOException("the archive is damaged where xz packed it: " + failure.getMessage(), failure);
        }
        return failure;
    }
}
