package dev.construir.disk;

import java.io.Closeable;
import java.io.IOException;

/** The bytes of a disk image, wherever they come from. Safe for use by many threads; an interrupt does not close it. */
interface BlockSource extends Closeable {
    /** Returns the size of the disk in bytes. */
    long size();

    /**
     * Reads bytes.
     *
     * @throws dev.construir.DiskFormatException if the image ends before them
     */
    void read(long offset, byte[] into, int at, int length) throws IOException;
}
