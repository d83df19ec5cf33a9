package dev.construir.disk.read;

import dev.construir.disk.DiskEntry;
import java.io.IOException;
import java.nio.file.FileVisitResult;

/**
 * Is shown the entries of a disk, one after another. See {@link DiskReader#walk}.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface DiskVisitor {
    /**
     * Looks at an entry. A directory comes before its entries.
     *
     * @param entry the entry
     * @return how to go on; {@code SKIP_SUBTREE} leaves out the entries of this directory, {@code SKIP_SIBLINGS} also
     *     those of its parent that are still to come
     * @throws IOException if the walk is to end
     */
    FileVisitResult visit(DiskEntry entry) throws IOException;
}
