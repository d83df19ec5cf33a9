package dev.construir.ext;

import java.io.IOException;

/** Allocates free blocks. */
@FunctionalInterface
public interface BlockSupply {
    /**
     * Allocates a free block.
     *
     * @return its number
     * @throws IOException if no block is free, or the bitmaps are damaged
     */
    long allocate() throws IOException;
}
