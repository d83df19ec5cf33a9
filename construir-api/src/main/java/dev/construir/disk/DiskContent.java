package dev.construir.disk;

import java.io.IOException;

/** Says what goes on a disk. Called once for every disk that is written, so that the same content can be written again. */
@FunctionalInterface
public interface DiskContent {
    /**
     * Adds all entries to the disk.
     *
     * @param disk the disk being written
     * @throws IOException if the content cannot be had or written
     */
    void writeTo(DiskBuilder disk) throws IOException;
}
