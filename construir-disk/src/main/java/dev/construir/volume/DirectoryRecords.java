package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.ext.DirectoryBlock;
import dev.construir.ext.DiskPath;
import dev.construir.ext.Inode;
import dev.construir.volume.BlockMap.Run;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of a directory, block by block, so that a big one takes no memory. Whoever goes on after
 * damage gets the records of the next block, if the map says which that is.
 */
public final class DirectoryRecords {
    private final ExtVolume volume;
    private final DirectoryBudget budget;
    private final String description;
    private final BlockMap map;
    private final long blocks;
    private final Deque<DirectoryBlock> inline = new ArrayDeque<>();
    private long next;
    private long end;
    private long steps;
    private Run run = new Run(0, 0);
    private @Nullable DirectoryBlock block;

    public DirectoryRecords(ExtVolume volume, long number, Inode inode, DirectoryBudget budget) throws IOException {
        this.volume = volume;
        this.budget = budget;
        this.description = volume.describe(number);
        this.map = BlockMap.of(volume, number, inode);
        if (inode.isEncrypted()) {
            throw new DiskFormatException(description + ", a directory, is encrypted, and its names cannot be read");
        }
        if (inode.hasInlineData()) {
            inline.addAll(new InlineData(volume, number, inode).records());
            this.blocks = 0;
        } else {
            this.blocks = blocks(inode);
        }
        this.end = blocks;
    }

    private long blocks(Inode inode) throws DiskFormatException {
        int blockSize = volume.geometry().blockSize();
        long count = inode.size() / blockSize;
        // A directory has no holes worth reading, so one that is bigger than the disk is a lie, and would take long to
        // find out.
        if (inode.size() % blockSize != 0 || count > volume.geometry().blocks()) {
            throw new DiskFormatException(description + ", a directory, has an impossible size, " + inode.size());
        }
        return count;
    }

    /** Goes to the next record, other than {@code .} and {@code ..}. */
    public boolean next() throws IOException {
        do {
            while (block != null && nextInBlock(block)) {
                if (!block.isDots()) {
                    return true;
                }
            }
        } while (nextBlock());
        return false;
    }

    private boolean nextInBlock(DirectoryBlock records) throws DiskFormatException {
        try {
            return records.next();
        } catch (DiskFormatException e) {
            // Where the next record would begin is not known.
            block = null;
            throw e;
        }
    }

    private boolean nextBlock() throws IOException {
        block = inline.poll();
        if (block != null) {
            return true;
        }
        while (next < end) {
            budget.step(steps++, description);
            long physical = nextPhysical();
            if (physical != 0) {
                block = new DirectoryBlock(
                        volume.block(physical),
                        volume.geometry().offset(physical),
                        volume.geometry().inodes());
                return true;
            }
        }
        return false;
    }

    /** Returns the next block, or 0 after a hole. */
    private long nextPhysical() throws IOException {
        try {
            if (run.count() == 0) {
                run = map.run(next);
            }
            long physical = run.physical();
            if (run.isHole()) {
                next += run.count();
                run = new Run(0, 0);
            } else {
                budget.read(physical, description);
                next++;
                run = run.from(1);
            }
            return physical;
        } catch (DiskFormatException e) {
            // What a damaged map says of the other blocks is not worth a try.
            next = end;
            throw e;
        }
    }

    /** Goes to the record of a name that callers gave: either its bytes, or how they are shown if they are no UTF-8. */
    public boolean find(byte[] name) throws IOException {
        return find(name, 0);
    }

    /**
     * The same, beginning with a block of the directory, and ending with the one before it. To be called before
     * anything else.
     */
    public boolean find(byte[] name, long first) throws IOException {
        long start = first < blocks ? first : 0;
        next = start;
        if (search(name)) {
            return true;
        }
        next = 0;
        end = start;
        run = new Run(0, 0);
        return search(name);
    }

    private boolean search(byte[] name) throws IOException {
        String shown = DiskPath.text(name);
        boolean replaced = shown.contains(DiskPath.REPLACED);
        while (next()) {
            if (current().isNamed(name) || (replaced && DiskPath.text(name()).equals(shown))) {
                return true;
            }
        }
        return false;
    }

    /** Returns in which block of the directory the record stands, counted from 0. */
    public long index() {
        return Math.max(0, next - 1); // inline records stand in no block
    }

    public byte[] name() {
        return current().name();
    }

    public long number() {
        return current().inode();
    }

    /** Returns where the record stands on the disk. */
    public long position() {
        return current().position();
    }

    /** Reads the inode the record names. */
    public Inode inode() throws IOException {
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
