package dev.construir.volume;

import dev.construir.DiskFormatException;
import dev.construir.disk.LimitException;
import dev.construir.disk.ReadLimits;
import dev.construir.ext.Inode;
import dev.construir.thread.InterruptPolicy;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Goes through all entries of a disk that is whole, but for those of encrypted directories: damage ends it, and limits
 * do. It keeps one block of each directory on its way, and nothing of the entries behind it.
 */
public final class TreeWalk {
    private final ExtVolume volume;
    private final ReadLimits limits;
    private final DirectoryBudget budget;
    private final Visitor visitor;
    private final BlockSet entered = new BlockSet();
    private final Deque<Level> levels = new ArrayDeque<>();
    private int entries;

    /** Is shown the entries. */
    @FunctionalInterface
    public interface Visitor {
        FileVisitResult visit(VolumeEntry entry) throws IOException;
    }

    private record Level(VolumeEntry directory, DirectoryRecords records) {}

    public TreeWalk(ExtVolume volume, ReadLimits limits, InterruptPolicy interrupts, Visitor visitor) {
        this.volume = volume;
        this.limits = limits;
        this.budget = new DirectoryBudget(volume.geometry(), limits, interrupts);
        this.visitor = visitor;
    }

    public void run() throws IOException {
        run(new VolumeEntry("/", Inode.ROOT, volume.inode(Inode.ROOT)));
    }

    /** Goes through what is below a directory. */
    public void run(VolumeEntry top) throws IOException {
        enter(top);
        while (!levels.isEmpty()) {
            Level level = levels.getLast();
            if (!level.records.next()) {
                levels.removeLast();
                continue;
            }
            VolumeEntry child = child(level);
            FileVisitResult result = visitor.visit(child);
            if (result == FileVisitResult.TERMINATE) {
                return;
            } else if (result == FileVisitResult.SKIP_SIBLINGS) {
                levels.removeLast();
            } else if (result == FileVisitResult.CONTINUE
                    && child.inode().isDirectory()
                    && !child.inode().isEncrypted()) {
                enter(child);
            }
        }
    }

    private void enter(VolumeEntry directory) throws IOException {
        if (levels.size() > limits.depth()) {
            throw new LimitException(
                    directory.path() + " is deeper than " + limits.depth() + " directories, the limit");
        }
        if (!entered.add(directory.number())) {
            throw new DiskFormatException(directory.path() + " has another name already: a directory is in two places");
        }
        levels.add(new Level(directory, directory.records(volume, budget)));
    }

    private VolumeEntry child(Level level) throws IOException {
        DirectoryRecords records = level.records;
        VolumeEntry child = level.directory.child(records.name(), records.number(), records.inode());
        if (++entries > limits.entries()) {
            throw new LimitException(
                    "more than " + limits.entries() + " entries, the limit; " + child.path() + " is next");
        }
        PathLimit.check(child.path(), limits);
        return child;
    }
}
