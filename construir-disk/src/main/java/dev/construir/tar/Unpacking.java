package dev.construir.tar;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Archives that may be compressed, by gzip or xz, as their first bytes say. */
public final class Unpacking {
    private static final int BUFFER = 64 << 10;

    private Unpacking() {}

    /**
     * Returns the content of an archive, unpacked if compressed.
     *
     * @param archive the archive, compressed or not
     * @return its bytes, unpacked; need not be closed
     * @throws IOException if it cannot be read, or begins as a compressed one and is damaged
     */
    public static InputStream of(InputStream archive) throws IOException {
        ReadAhead in = new ReadAhead(archive);
        byte[] beginning = in.peek(XzInput.MAGIC.length);
        if (Arrays.equals(beginning, XzInput.MAGIC)) {
            return new XzInput(in);
        }
        byte[] magic = GzipInput.MAGIC;
        boolean gzip = Arrays.equals(beginning, 0, Math.min(beginning.length, magic.length), magic, 0, magic.length);
        return gzip ? new GzipInput(in) : in;
    }

    /** A buffer that can be looked into. */
    private static final class ReadAhead extends InputStream {
        private final InputStream in;
        private final byte[] buffer = new byte[BUFFER];
        private int from;
        private int to;

        ReadAhead(InputStream in) {
            this.in = in;
        }

        /** Returns the next bytes without consuming them, fewer only at the end. Call once at most, before any read. */
        byte[] peek(int length) throws IOException {
            to = in.readNBytes(buffer, 0, length);
            return Arrays.copyOf(buffer, to);
        }

        private boolean fill() throws IOException {
            if (from == to) {
                TarInput.checkInterrupt(); // input may unpack to nothing for ever
                from = 0;
                to = Math.max(0, in.read(buffer, 0, buffer.length));
            }
            return from < to;
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer[from++] & 0xff : -1;
        }

        @Override
        public int read(byte[] bytes, int at, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, to - from);
            System.arraycopy(buffer, from, bytes, at, count);
            from += count;
            return count;
        }
    }
}
