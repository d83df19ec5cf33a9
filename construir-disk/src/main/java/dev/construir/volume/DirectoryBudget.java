package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.ext.Geometry;
import dev.construir.thread.InterruptPolicy;
import java.io.IOException;

/**
 * How many blocks of directories one operation reads. Without it a guest could keep a reader busy for hours: any number
 * of directories may claim to be as big as the disk, and all of them may be one block over and over, full of records
 * that name nothing and so count against no limit.
 */
public final class DirectoryBudget {
    /** The record of a name of 255 bytes. */
    private static final int LONGEST_RECORD = 264;
    /** Directories keep the blocks of entries that were removed. */
    private static final int SPARE = 1024;

    private final InterruptPolicy interrupts;
    private BlockSet read = new BlockSet();
    private final long perDirectory;
    private final long inAll;
    private long steps;

    public DirectoryBudget(Geometry geometry, ReadLimits limits, InterruptPolicy interrupts) {
        this.interrupts = interrupts;
        this.perDirectory = SPARE + (long) limits.entries() * LONGEST_RECORD / geometry.blockSize();
        this.inAll = Math.min(2 * geometry.blocks(), 2 * perDirectory + limits.entries());
    }

    /** Counts a step to a block or over a hole of a directory in which so many were done before. */
    public void step(long before, String directory) throws IOException {
        interrupts.check();
        if (before >= perDirectory) {
            throw new LimitException(
                    directory + ", a directory, has more than " + perDirectory + " blocks, the limit for its entries");
        }
        if (++steps > inAll) {
            throw new LimitException(
                    "directories have more than " + inAll + " blocks, the limit; " + directory + " is among the last");
        }
    }

    /** Lets directories be read once more, which counts against the limit of them all. */
    void again() {
        read = new BlockSet();
    }

    /** Counts a block that is about to be read. A block can belong to one place of one directory. */
    void read(long block, String directory) throws DiskFormatException {
        if (!read.add(block)) {
            throw new DiskFormatException(
                    directory + ", a directory, names block " + block + ", which a directory has already");
        }
    }
}
