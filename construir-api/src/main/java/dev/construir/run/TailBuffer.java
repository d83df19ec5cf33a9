package dev.construir.run;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Keeps the first and the last bytes of a stream. Safe for use by many threads. */
final class TailBuffer {
    static final int CAPACITY = 64 * 1024;

    private byte[] head = new byte[1024];
    private int headLength;
    private byte[] ring = new byte[0];
    private long total;

    /** Takes the remaining bytes of the buffer, whose position stays where it is. */
    synchronized void add(ByteBuffer bytes) {
        ByteBuffer rest = bytes.duplicate();
        int toHead = Math.min(rest.remaining(), CAPACITY - headLength);
        if (headLength + toHead > head.length) {
            head = Arrays.copyOf(head, Math.min(CAPACITY, Math.max(headLength + toHead, 2 * head.length)));
        }
        rest.get(head, headLength, toHead);
        headLength += toHead;
        total += toHead;
        if (rest.hasRemaining()) {
            addToRing(rest);
        }
    }

    private void addToRing(ByteBuffer rest) {
        if (ring.length == 0) {
            ring = new byte[CAPACITY];
        }
        int skipped = Math.max(0, rest.remaining() - CAPACITY);
        rest.position(rest.position() + skipped);
        total += skipped;
        while (rest.hasRemaining()) {
            int at = (int) ((total - CAPACITY) % CAPACITY);
            int length = Math.min(rest.remaining(), CAPACITY - at);
            rest.get(ring, at, length);
            total += length;
        }
    }

    synchronized long total() {
        return total;
    }

    synchronized OutputTail toTail() {
        long inRing = total - headLength;
        int length = (int) Math.min(inRing, CAPACITY);
        byte[] tail = new byte[length];
        int start = (int) ((inRing - length) % CAPACITY);
        int first = Math.min(length, CAPACITY - start);
        System.arraycopy(ring, start, tail, 0, Math.min(first, ring.length));
        System.arraycopy(ring, 0, tail, first, length - first);
        return new OutputTail(Arrays.copyOf(head, headLength), tail, total);
    }
}
