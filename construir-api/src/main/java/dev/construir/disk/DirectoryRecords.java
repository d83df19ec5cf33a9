package dev.construir.disk;

import dev.construir.DiskFormatException;
import dev.construir.disk.BlockMap.Run;
import dev.construir.ext.DirectoryBlock;
import dev.construir.ext.Inode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Walks over the records of a directory, block by block, so that a big one takes no memory. */
final class DirectoryRecords {
    private static final String REPLACED = "\ufffd";

    private final Volume volume;
    private final BlockMap map;
    private final long blocks;
    private long next;
    private Run run = new Run(0, 0);
    private @Nullable DirectoryBlock block;

    DirectoryRecords(Volume volume, long number, Inode inode) throws IOException {
        this.volume = volume;
        this.map = BlockMap.of(volume, number, inode);
        int blockSize = volume.geometry().blockSize();
        this.blocks = inode.size() / blockSize;
        // A directory has no holes worth reading, so one that is bigger than the disk is a lie, and would take long to
        // find out.
        if (inode.size() % blockSize != 0 || blocks > volume.geometry().blocks()) {
            throw new DiskFormatException(
                    volume.describe(number) + ", a directory, has an impossible size, " + inode.size());
        }
    }

    /** Goes to the next record besides {@code .} and {@code ..}. */
    boolean next() throws IOException {
        while (true) {
            if (block != null && block.next()) {
                if (!block.isDots()) {
                    return true;
                }
            } else if (!nextBlock()) {
                return false;
            }
        }
    }

    private boolean nextBlock() throws IOException {
        while (next < blocks) {
            if (run.count() == 0) {
                run = map.run(next);
            }
            if (!run.isHole()) {
                block = new DirectoryBlock(
                        volume.block(run.physical()),
                        volume.geometry().offset(run.physical()),
                        volume.geometry().inodes());
                run = run.from(1);
                next++;
                return true;
            }
            next += run.count();
            run = new Run(0, 0);
        }
        return false;
    }

    /** Goes to the record of a name that callers gave: either its bytes, or how they are shown if they are no UTF-8. */
    boolean find(byte[] name) throws IOException {
        String shown = DiskPath.text(name);
        boolean replaced = shown.contains(REPLACED);
        while (next()) {
            if (current().isNamed(name) || (replaced && DiskPath.text(name()).equals(shown))) {
                return true;
            }
        }
        return false;
    }

    byte[] name() {
        return current().name();
    }

    long number() {
        return current().inode();
    }

    /** Reads the inode the record names. */
    Inode inode() throws IOException {
        Inode inode = volume.inode(number());
        if (inode.isFree()) {
            throw new DiskFormatException("directory record at byte "
                    + current().position() + " names " + volume.describe(number()) + ", which is free");
        }
        return inode;
    }

    private DirectoryBlock current() {
        if (block == null) {
            throw new IllegalStateException("before the first record");
        }
        return block;
    }
}
