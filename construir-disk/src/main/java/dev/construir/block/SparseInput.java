package dev.construir.block;

import java.io.IOException;

/** A stream of content whose holes are known, so that their zeros need not be read. */
public interface SparseInput {
    /**
     * Returns how many of the next bytes are in a hole.
     *
     * @return the number; 0 where there is data, or at the end
     * @throws IOException if the content cannot be read
     */
    long hole() throws IOException;

    /**
     * Returns how many bytes there are up to the next hole.
     *
     * @return the number, at most what is left; 0 in a hole, or at the end
     * @throws IOException if the content cannot be read
     */
    long data() throws IOException;

    /**
     * Goes on in a hole.
     *
     * @param bytes how far, at most what {@link #hole} returns
     * @throws IOException if the content cannot be read
     */
    void skipHole(long bytes) throws IOException;
}
