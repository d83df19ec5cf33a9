package dev.construir.tar;

import java.util.Arrays;

/**
 * The last bytes read from an archive. Writers write records of 20 blocks, and some pad the last one with their buffer:
 * the same bytes as one record before.
 */
final class LastRecord {
    private static final int RECORD = 20 * TarHeader.SIZE;
    private static final int KEPT = 2 * RECORD;

    private final byte[] kept = new byte[KEPT];

    void add(long position, byte[] bytes, int from, int length) {
        int skipped = Math.max(0, length - KEPT);
        for (int i = skipped; i < length; ) {
            int at = (int) ((position + i) % KEPT);
            int count = Math.min(length - i, KEPT - at);
            System.arraycopy(bytes, from + i, kept, at, count);
            i += count;
        }
    }

    /** Returns whether a block is the same as the one that stood a record before it. */
    boolean isRepeated(long position, byte[] block) {
        if (position < RECORD) {
            return false;
        }
        int at = (int) ((position - RECORD) % KEPT); // blocks and records do not cross the end
        return Arrays.equals(block, 0, TarHeader.SIZE, kept, at, at + TarHeader.SIZE);
    }
}
