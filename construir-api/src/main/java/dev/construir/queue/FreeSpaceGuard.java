package dev.construir.queue;

import dev.construir.DataSize;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The room that must be free before a job is claimed.
 *
 * @param place a directory on the file system in question
 * @param least how much must be free there
 */
record FreeSpaceGuard(Path place, DataSize least) {
    /** Throws if there is less. */
    void check() throws IOException {
        FileStore store = Files.getFileStore(place);
        long free = store.getUsableSpace();
        if (free < least.bytes()) {
            throw new IOException("not enough space in " + place + ": " + DataSize.ofBytes(free) + " free, " + least
                    + " required before a job starts (--reserve); free some space");
        }
    }
}
