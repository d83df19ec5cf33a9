package dev.construir.tar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A map as lines of numbers that fill whole blocks. */
final class SparseMapText {
    private static final int MAX_DIGITS = 18;

    private final TarInput in;
    private final String of;
    private final byte[] block = new byte[TarHeader.SIZE];
    private int at = TarHeader.SIZE;

    SparseMapText(TarInput in, String of) {
        this.in = in;
        this.of = of;
    }

    long number() throws IOException {
        long value = 0;
        for (int digits = 0; digits <= MAX_DIGITS; digits++) {
            if (at == block.length) {
                if (in.readNBytes(block, 0, block.length) < block.length) {
                    throw new IOException(of + " is a sparse file whose map goes on behind its end");
                }
                at = 0;
            }
            byte b = block[at++];
            if (b == '\n' && digits > 0) {
                return value;
            }
            if (b < '0' || b > '9') {
                break;
            }
            value = 10 * value + b - '0';
        }
        throw new IOException(of + " is a sparse file whose map is damaged: "
                + ShortText.of(new String(block, 0, Math.min(at, 20), StandardCharsets.US_ASCII).strip(), 20));
    }
}
