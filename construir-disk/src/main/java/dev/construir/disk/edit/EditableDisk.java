package dev.construir.disk.edit;

import dev.construir.block.BlockSource;
import java.io.IOException;

/** A disk that is read and written. */
interface EditableDisk extends BlockSource {
    /** Writes bytes to a place of the disk, all of which are inside it. */
    void write(long offset, byte[] bytes, int at, int length) throws IOException;
}
