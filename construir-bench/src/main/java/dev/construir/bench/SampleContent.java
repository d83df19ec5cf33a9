package dev.construir.bench;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * The content of a file to measure with: always the same for a seed, and without zeros that a tool could leave out.
 */
final class SampleContent extends InputStream {
    private static final int CHUNK = 1 << 16;
    private static final int WORDS = 4096;

    private final SplittableRandom random;
    private final byte[][] words;
    private final byte[] chunk = new byte[CHUNK];
    private long left;
    private int at = CHUNK;

    private SampleContent(long seed, long size, int words) {
        this.random = new SplittableRandom(seed);
        this.words = new byte[words][];
        this.left = size;
        for (int i = 0; i < words; i++) {
            this.words[i] = word(random);
        }
    }

    /** Returns bytes that cannot be compressed. */
    static InputStream random(long seed, long size) {
        return new SampleContent(seed, size, 0);
    }

    /** Returns words of an artificial language, which compress to about a third. */
    static InputStream words(long seed, long size) {
        return new SampleContent(seed, size, WORDS);
    }

    private static byte[] word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        for (int letters = 2 + random.nextInt(15); letters > 0; letters--) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.append(' ').toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) {
        Objects.checkFromIndexSize(from, length, into.length);
        if (left == 0) {
            return length == 0 ? 0 : -1;
        }
        if (at == CHUNK) {
            refill();
        }
        int count = (int) Math.min(Math.min(length, CHUNK - at), left);
        System.arraycopy(chunk, at, into, from, count);
        at += count;
        left -= count;
        return count;
    }

    private void refill() {
        at = 0;
        if (words.length == 0) {
            random.nextBytes(chunk);
            return;
        }
        for (int filled = 0; filled < CHUNK; ) {
            byte[] word = words[random.nextInt(words.length)];
            int count = Math.min(word.length, CHUNK - filled);
            System.arraycopy(word, 0, chunk, filled, count);
            filled += count;
        }
    }
}
