package dev.construir.disk.write;

import dev.construir.ext.Inode;
import dev.construir.ext.Superblock;
import dev.construir.host.HostEntry;
import dev.construir.host.HostWalk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A directory of the host, and how many inodes it takes. */
record TreeContent(Path directory, Predicate<Path> which, PackOptions options) implements DiskContent {
    @Override
    public void writeTo(DiskBuilder disk) throws IOException {
        disk.tree("/", directory, which, options);
    }

    @Override
    public long inodes() {
        return Math.max(options.inodes(), Superblock.FIRST_INODE + count());
    }

    /**
     * Counts entries, several names of a file as one. What cannot be read is not counted; it is reported when it is
     * written.
     */
    private long count() {
        long count = 0;
        Set<Object> shared = new HashSet<>();
        try (HostWalk walk = new HostWalk(directory, which)) {
            for (HostEntry entry = walk.next(); entry != null; entry = walk.next()) {
                Map<String, Object> found =
                        Files.readAttributes(entry.path(), "unix:mode,nlink,fileKey", LinkOption.NOFOLLOW_LINKS);
                Object key = HostTree.get(found, "fileKey");
                boolean isDirectory = ((Integer) HostTree.get(found, "mode") & Inode.KIND) == Inode.DIRECTORY;
                boolean isShared = !isDirectory && (Integer) HostTree.get(found, "nlink") > 1;
                count += !isShared || shared.add(key) ? 1 : 0;
                if (isDirectory) {
                    walk.enter(entry, key);
                }
            }
        } catch (IOException e) {
            return count; // see above
        }
        return count;
    }
}
