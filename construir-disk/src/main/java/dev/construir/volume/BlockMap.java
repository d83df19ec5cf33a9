package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.Inode;
import java.io.IOException;

/** Where the content of a file stands on the disk. */
interface BlockMap {
    /** More blocks than this no file has. */
    long MAX_BLOCKS = 1L << 32;

    /**
     * Blocks of content that follow each other.
     *
     * @param physical the first one on the disk, or 0 for a hole
     * @param count how many there are, at least 1
     */
    record Run(long physical, long count) {
        boolean isHole() {
            return physical == 0;
        }

        /** Drops its first blocks. */
        Run from(long blocks) {
            return new Run(isHole() ? 0 : physical + blocks, count - blocks);
        }
    }

    /**
     * Finds the run that begins with a block of the file.
     *
     * @throws dev.construir.DiskFormatException if the map is damaged there
     */
    Run run(long block) throws IOException;

    static BlockMap of(ExtVolume volume, long number, Inode inode) throws IOException {
        String name = volume.describe(number);
        if (inode.hasInlineData()) {
            return block -> holeBehindInlineData(block, name);
        }
        return inode.hasExtents()
                ? new ExtentTreeDecoder(volume, inode.map(), name)
                : new IndirectTreeDecoder(volume, inode.map(), name);
    }

    private static Run holeBehindInlineData(long block, String name) throws DiskFormatException {
        if (block >= MAX_BLOCKS) {
            throw new DiskFormatException(name + " has inline data, and content beyond what a file can have");
        }
        return new Run(0, MAX_BLOCKS - block);
    }
}
