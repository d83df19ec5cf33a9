package dev.construir.text;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Keeps the first and the last bytes of a stream. Safe for use by many threads. */
public final class TailBuffer {
    /** How much is kept of either end unless another number is given: 64 KiB. */
    public static final int CAPACITY = 64 * 1024;

    private final int capacity;

    private byte[] head = new byte[0];
    private int headLength;
    private byte[] ring = new byte[0];
    private long total;

    /**
     * What is kept.
     *
     * @param head the first bytes
     * @param tail the last bytes, without those in the head
     * @param total how many bytes there were
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, not compared
    public record Kept(byte[] head, byte[] tail, long total) {}

    /** Creates a buffer that keeps {@link #CAPACITY} of either end. */
    public TailBuffer() {
        this(CAPACITY);
    }

    /**
     * Creates a buffer.
     *
     * @param capacity how many bytes of either end it keeps, positive; they are allocated as they are needed
     */
    public TailBuffer(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Takes bytes.
     *
     * @param bytes the bytes; the position stays where it is
     */
    public synchronized void add(ByteBuffer bytes) {
        ByteBuffer rest = bytes.duplicate();
        int toHead = Math.min(rest.remaining(), capacity - headLength);
        if (headLength + toHead > head.length) {
            head = Arrays.copyOf(
                    head, Math.min(capacity, Math.max(headLength + toHead, Math.max(1024, 2 * head.length))));
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
            ring = new byte[capacity];
        }
        int skipped = Math.max(0, rest.remaining() - capacity);
        rest.position(rest.position() + skipped);
        total += skipped;
        while (rest.hasRemaining()) {
            int at = (int) ((total - capacity) % capacity);
            int length = Math.min(rest.remaining(), capacity - at);
            rest.get(ring, at, length);
            total += length;
        }
    }

    /**
     * Returns how many bytes it was given.
     *
     * @return the number
     */
    public synchronized long total() {
        return total;
    }

    /**
     * Returns what is kept.
     *
     * @return a copy
     */
    public synchronized Kept kept() {
        long inRing = total - headLength;
        int length = (int) Math.min(inRing, capacity);
        byte[] tail = new byte[length];
        int start = (int) ((inRing - length) % capacity);
        int first = Math.min(length, capacity - start);
        System.arraycopy(ring, start, tail, 0, Math.min(first, ring.length));
        System.arraycopy(ring, 0, tail, first, length - first);
        return new Kept(Arrays.copyOf(head, headLength), tail, total);
    }
}
