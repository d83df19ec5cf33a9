package dev.construir.disk.edit;

import dev.construir.disk.ReadLimits;
import dev.construir.ext.DiskPath;
import dev.construir.ext.Inode;
import dev.construir.thread.InterruptPolicy;
import dev.construir.volume.DirectoryBudget;
import dev.construir.volume.DirectoryRecords;
import dev.construir.volume.PathLimit;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a path leads. */
final class EntryLocation {
    final VolumeEntry parent;
    /** The last name of the path. */
    final byte[] name;
    /** The entry; null if its directory has no entry of this name. */
    final @Nullable VolumeEntry entry;
    /** The byte of the disk at which the entry's directory record stands, if there is an entry. */
    final long recordPosition;

    private EntryLocation(VolumeEntry parent, byte[] name, @Nullable VolumeEntry entry, long recordPosition) {
        this.parent = parent;
        this.name = name;
        this.entry = entry;
        this.recordPosition = recordPosition;
    }

    /**
     * Follows a path.
     *
     * @return where it leads; null if its directory does not exist
     * @throws FileSystemException if it is the root, or leads through something that is no directory
     */
    static @Nullable EntryLocation find(EditTransaction edit, String path, ReadLimits limits) throws IOException {
        PathLimit.check(path, limits);
        List<byte[]> names = DiskPath.namesAsShown(path);
        VolumeEntry directory = new VolumeEntry("/", Inode.ROOT, edit.volume.inode(Inode.ROOT));
        if (names.isEmpty()) {
            throw new FileSystemException(path, null, "is the root, a directory");
        }
        DirectoryBudget budget = new DirectoryBudget(edit.geometry, limits, InterruptPolicy.RESPECTED);
        for (byte[] name : names.subList(0, names.size() - 1)) {
            DirectoryRecords records = records(edit, directory, budget);
            if (!records.find(name)) {
                return null;
            }
            directory = directory.child(records.name(), records.number(), records.inode());
        }
        byte[] last = names.get(names.size() - 1);
        DirectoryRecords records = records(edit, directory, budget);
        return records.find(last)
                ? new EntryLocation(
                        directory,
                        last,
                        directory.child(records.name(), records.number(), records.inode()),
                        records.position())
                : new EntryLocation(directory, last, null, 0);
    }

    private static DirectoryRecords records(EditTransaction edit, VolumeEntry directory, DirectoryBudget budget)
            throws IOException {
        if (!directory.inode().isDirectory()) {
            throw new NotDirectoryException(directory.path());
        }
        return directory.records(edit.volume, budget);
    }
}
