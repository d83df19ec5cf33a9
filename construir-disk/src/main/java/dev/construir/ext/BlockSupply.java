package dev.construir.ext;

import java.io.IOException;

/** Gives free blocks away. */
@FunctionalInterface
public interface BlockSupply {
    /**
     * Takes a free block.
     *
     * @return its number
     * @throws IOException if there is none, or what says so is damaged
     */
    long take() throws IOException;
}
