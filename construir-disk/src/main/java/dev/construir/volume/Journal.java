package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.JournalHeader;
import dev.construir.volume.BlockMap.Run;
import java.io.IOException;

/** The journal of a file system, of which only one thing is wanted: that it has nothing to say. */
public final class Journal {
    private Journal() {}

    /**
     * Checks that there are no changes in it that were not made yet.
     *
     * @param inode the journal's inode, or 0 if there is none
     */
    public static void checkEmpty(ExtVolume volume, long inode) throws IOException {
        if (inode == 0) {
            return;
        }
        Run first = BlockMap.of(volume, inode, volume.inode(inode)).run(0);
        JournalHeader header = JournalHeader.decode(volume.block(first.physical()));
        if (first.isHole() || !header.known() || header.start() != 0) {
            throw new DiskFormatException("the journal, " + volume.describe(inode)
                    + ", is damaged or not empty; repair the file system before it is changed: e2fsck -f");
        }
    }
}
