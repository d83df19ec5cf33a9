package dev.construir.run;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bytes first in, first out, up to a capacity. Its memory grows in segments with what has to wait, is never copied
 * while it grows, and does not depend on how small the pieces are that come in. Not safe for use by many threads.
 */
final class ByteQueue {
    static final int SEGMENT = 64 << 10;
    private static final byte[] NONE = {};

    private final byte[][] segments; // a ring
    private final int capacity;
    private int first;
    private int size;

    /**
     * Creates an empty queue.
     *
     * @param capacity how many bytes may wait, at most 2<sup>30</sup>; rounded up to whole segments
     */
    ByteQueue(int capacity) {
        this.segments = new byte[(capacity + SEGMENT - 1) / SEGMENT][];
        Arrays.fill(segments, NONE);
        this.capacity = segments.length * SEGMENT;
    }

    int room() {
        return capacity - size;
    }

    /**
     * Takes bytes from the buffer, as many as there is room for and no more than a limit. Returns how many. When there
     * is no memory for them none is taken.
     */
    int put(ByteBuffer bytes, int limit) {
        int count = Math.min(Math.min(bytes.remaining(), limit), room());
        for (int done = 0; done < count; ) {
            int at = (int) (((long) first + size + done) % capacity);
            int n = Math.min(count - done, SEGMENT - at % SEGMENT);
            bytes.get(segment(at), at % SEGMENT, n);
            done += n;
        }
        size += count;
        return count;
    }

    /**
     * Removes and returns the oldest bytes, of which there must be as many. They are gone also when there is no memory
     * for them.
     */
    byte[] take(int count) {
        int from = first;
        size -= count;
        first = size == 0 ? 0 : (first + count) % capacity; // a reader that keeps up needs no second segment
        byte[] taken = new byte[count];
        for (int copied = 0; copied < count; ) {
            int n = Math.min(count - copied, SEGMENT - from % SEGMENT);
            System.arraycopy(segment(from), from % SEGMENT, taken, copied, n);
            from = (from + n) % capacity;
            copied += n;
        }
        return taken;
    }

    /** Removes all bytes, and gives the memory back. */
    void clear() {
        Arrays.fill(segments, NONE);
        size = 0;
        first = 0;
    }

    private byte[] segment(int at) {
        byte[] segment = segments[at / SEGMENT];
        if (segment == NONE) {
            segment = new byte[SEGMENT];
            segments[at / SEGMENT] = segment;
        }
        return segment;
    }
}
