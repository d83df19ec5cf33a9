package dev.construir.volume;

/** A bitmap of one group. A set bit means used; so are those behind the last that counts. */
public final class Bitmap {
    private final byte[] bytes;
    private final int size;
    private int free;
    private boolean changed;

    /** Takes the block of a bitmap of which so many bits count. */
    public Bitmap(byte[] bytes, int size) {
        this.bytes = bytes;
        this.size = size;
        for (int i = 0; i < size / Byte.SIZE; i++) {
            free += Byte.SIZE - Integer.bitCount(bytes[i] & 0xff);
        }
        for (int i = size & -Byte.SIZE; i < size; i++) {
            free += get(i) ? 0 : 1;
        }
    }

    /** Makes one in which nothing is used. */
    public static Bitmap empty(int blockSize, int size) {
        Bitmap bitmap = new Bitmap(new byte[blockSize], size);
        for (int i = size; i < blockSize * Byte.SIZE; i++) {
            bitmap.bytes[i / Byte.SIZE] |= (byte) (1 << i % Byte.SIZE);
        }
        return bitmap;
    }

    public byte[] bytes() {
        return bytes;
    }

    /** Returns how many bits are not set. */
    public int free() {
        return free;
    }

    public boolean get(int bit) {
        return (bytes[bit / Byte.SIZE] & (1 << (bit % Byte.SIZE))) != 0;
    }

    /** Sets a bit that is not set. */
    public void set(int bit) {
        bytes[bit / Byte.SIZE] |= (byte) (1 << (bit % Byte.SIZE));
        free--;
        changed = true;
    }

    /** Clears a bit that is set. */
    public void clear(int bit) {
        bytes[bit / Byte.SIZE] &= (byte) ~(1 << (bit % Byte.SIZE));
        free++;
        changed = true;
    }

    /** Returns the first bit from one on that is not set, or -1. */
    public int nextFree(int from) {
        for (int bit = from; bit < size; bit++) {
            if (bit % Byte.SIZE == 0 && bytes[bit / Byte.SIZE] == -1) {
                bit += Byte.SIZE - 1;
            } else if (!get(bit)) {
                return bit;
            }
        }
        return -1;
    }

    /** Returns the first bit from one on that is set, or -1. */
    public int nextUsed(int from) {
        for (int bit = from; bit < size; bit++) {
            if (bit % Byte.SIZE == 0 && bytes[bit / Byte.SIZE] == 0) {
                bit += Byte.SIZE - 1;
            } else if (get(bit)) {
                return bit;
            }
        }
        return -1;
    }

    /** Returns how many bits at the end are not set. */
    public int unusedAtEnd() {
        int bit = size;
        while (bit > 0 && !get(bit - 1)) {
            bit--;
        }
        return size - bit;
    }

    /** Returns whether anything was changed since this was asked. */
    public boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }
}
