package dev.construir.block;

import dev.construir.DiskFormatException;

/** A disk in memory. */
public final class BytesSource implements BlockSource {
    private final byte[] bytes;

    /**
     * Takes bytes for a disk.
     *
     * @param bytes the bytes, not copied
     */
    public BytesSource(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws DiskFormatException {
        if (offset < 0 || offset > bytes.length - length) {
            throw new DiskFormatException("no " + length + " bytes at " + offset);
        }
        System.arraycopy(bytes, (int) offset, into, at, length);
    }

    @Override
    public void close() {}
}
