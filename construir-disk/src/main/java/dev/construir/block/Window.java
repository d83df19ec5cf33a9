package dev.construir.block;

import dev.construir.DiskFormatException;
import java.io.IOException;

/** A part of a disk, as a disk. Closing it closes the disk. */
public final class Window implements BlockSource {
    private final BlockSource disk;
    private final long start;
    private final long size;

    /**
     * Looks at a part of a disk.
     *
     * @param disk the disk
     * @param start where the part begins, in bytes
     * @param size its size in bytes
     * @throws DiskFormatException if it is not inside the disk
     */
    public Window(BlockSource disk, long start, long size) throws DiskFormatException {
        if (start < 0 || size < 0 || start > disk.size() - size) {
            throw new DiskFormatException("there are no " + size + " bytes from byte " + start + " on, on a disk of "
                    + disk.size() + " bytes");
        }
        this.disk = disk;
        this.start = start;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws IOException {
        if (offset < 0 || offset > size - length) {
            throw new DiskFormatException("the partition ends before byte " + (offset + length));
        }
        disk.read(start + offset, into, at, length);
    }

    @Override
    public int dataLength(long offset, int length) throws IOException {
        return disk.dataLength(start + offset, length);
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
