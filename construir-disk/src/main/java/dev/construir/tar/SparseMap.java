package dev.construir.tar;

import java.io.IOException;
import java.util.Arrays;

/**
 * Where in a sparse file the bytes belong that the archive holds of it: pieces in ascending order, holes between them.
 */
final class SparseMap {
    /** Limits the memory for a map to some megabytes. */
    private static final int MAX_PIECES = 1 << 18;

    private final String of;
    private long[] numbers = new long[8];
    private int used;
    private long stored;

    SparseMap(String of) {
        this.of = of;
    }

    void add(long offset, long length) throws IOException {
        if (used == 2 * MAX_PIECES) {
            throw new IOException(of + " is a sparse file of more than " + MAX_PIECES + " pieces");
        }
        if (offset < end() || length < 0 || offset > Long.MAX_VALUE - length) {
            throw new IOException(of + " is a sparse file with a piece of " + length + " bytes at " + offset
                    + ", which cannot follow the one that ends at " + end());
        }
        if (used == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * used);
        }
        numbers[used++] = offset;
        numbers[used++] = length;
        stored += length;
    }

    int pieces() {
        return used / 2;
    }

    long offset(int piece) {
        return numbers[2 * piece];
    }

    long length(int piece) {
        return numbers[2 * piece + 1];
    }

    private long end() {
        return used == 0 ? 0 : numbers[used - 2] + numbers[used - 1];
    }

    /** Checks that the pieces are within a file of a size, and are what the archive holds. */
    void check(long size, long held) throws IOException {
        if (size < 0 || end() > size || stored != held) {
            throw new IOException(of + " is a sparse file of " + size + " bytes with " + stored
                    + " bytes of content up to " + end() + ", for which the archive holds " + held);
        }
    }
}
