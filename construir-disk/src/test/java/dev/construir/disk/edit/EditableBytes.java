package dev.construir.disk.edit;

import dev.construir.DiskFormatException;
import dev.construir.block.BytesSource;
import dev.construir.ext.Superblock;
import java.io.IOException;

/** A disk in memory that can be written a certain number of times, and knows whether it was changed. */
final class EditableBytes implements EditableDisk {
    private final byte[] bytes;
    private final BytesSource source;
    private int left;
    private boolean changed;

    /** Takes bytes for a disk. Not copied. */
    EditableBytes(byte[] bytes, int writes) {
        this.bytes = bytes;
        this.source = new BytesSource(bytes);
        this.left = writes;
    }

    /**
     * Returns whether something was written that belongs to the file system: each change begins with the superblock.
     */
    boolean isChanged() {
        return changed;
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws DiskFormatException {
        source.read(offset, into, at, length);
    }

    @Override
    public void write(long offset, byte[] from, int at, int length) throws IOException {
        if (--left < 0) {
            throw new IOException("No space left on device");
        }
        System.arraycopy(from, at, bytes, Math.toIntExact(offset), length);
        changed |= offset == Superblock.OFFSET;
    }

    @Override
    public void close() {}
}
