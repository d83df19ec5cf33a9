package dev.construir.block;

import java.io.Closeable;
import java.io.IOException;

/** The bytes of a disk. Safe for use by many threads; an interrupt does not close it. */
public interface BlockSource extends Closeable {
    /**
     * Returns the size of the disk.
     *
     * @return the size in bytes
     */
    long size();

    /**
     * Reads bytes.
     *
     * @param offset where they stand on the disk
     * @param into where they go
     * @param at where there the first one goes
     * @param length how many are read
     * @throws dev.construir.DiskFormatException if the disk ends before them, or what says where they are is damaged
     * @throws IOException if they cannot be read
     */
    void read(long offset, byte[] into, int at, int length) throws IOException;

    /**
     * Returns whether bytes are known to be zeros without reading them.
     *
     * @param offset where they stand on the disk
     * @param length how many there are
     * @return whether all of them are; if not, nothing is known
     * @throws IOException if the map of the disk cannot be read
     */
    default boolean isZero(long offset, int length) throws IOException {
        return false;
    }

    /**
     * Returns how far the data among some bytes reach, without reading them.
     *
     * @param offset where the bytes stand on the disk
     * @param length how many there are
     * @return a number of bytes, behind which all the others are known to be zeros; {@code length} if nothing is known
     * @throws IOException if the places of data cannot be read
     */
    default int dataLength(long offset, int length) throws IOException {
        return length;
    }

    /**
     * Reads bytes into a new array.
     *
     * @param offset where they stand on the disk
     * @param length how many are read; bounded by the caller
     * @return the bytes
     * @throws dev.construir.DiskFormatException if the disk ends before them, or what says where they are is damaged
     * @throws IOException if they cannot be read
     */
    default byte[] read(long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        read(offset, bytes, 0, length);
        return bytes;
    }
}
