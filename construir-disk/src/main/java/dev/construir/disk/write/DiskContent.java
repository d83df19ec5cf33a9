package dev.construir.disk.write;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Adds the content of a disk. Called once for every disk that is written, so that the same content can be written
 * again.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface DiskContent {
    /**
     * Adds all entries to the disk.
     *
     * @param disk the disk being written
     * @throws IOException if the content cannot be read or written
     */
    void writeTo(DiskBuilder disk) throws IOException;

    /**
     * Returns how many inodes the content takes at least, as far as that is known before it is written: one for each
     * file, directory and link. The disk has as many again where there is room for them, and what is usual for its size
     * in any case.
     *
     * @return the number, 0 if it is not known
     * @throws IOException if the content cannot be read
     */
    default long inodes() throws IOException {
        return 0;
    }

    /**
     * Returns this content with other content behind it.
     *
     * @param other what is added then
     * @return both
     */
    default DiskContent and(DiskContent other) {
        Objects.requireNonNull(other, "other");
        DiskContent first = this;
        return new DiskContent() {
            @Override
            public void writeTo(DiskBuilder disk) throws IOException {
                first.writeTo(disk);
                other.writeTo(disk);
            }

            @Override
            public long inodes() throws IOException {
                return first.inodes() + other.inodes();
            }
        };
    }

    /**
     * Returns what a directory of the host holds, as {@link DiskBuilder#tree} puts it on the root of a disk. Its
     * entries are counted before, so that the disk has inodes for them.
     *
     * @param directory the directory on the host, read anew for each disk
     * @param which returns whether an entry is added, of a path that begins with the directory's
     * @param options what becomes of devices and what the disk cannot keep
     * @return the content
     */
    static DiskContent ofTree(Path directory, Predicate<Path> which, PackOptions options) {
        return new TreeContent(
                Objects.requireNonNull(directory, "directory"),
                Objects.requireNonNull(which, "which"),
                Objects.requireNonNull(options, "options"));
    }
}
