package dev.construir.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory beside a file and another directory, to see that what goes into the one leaves the others as they are.
 * Closing it removes all.
 */
final class Outside implements AutoCloseable {
    private static final Set<PosixFilePermission> ALL_OF_OWNER = PosixFilePermissions.fromString("rwx------");

    private final Path top;
    private final Path target;
    private final Map<String, List<Object>> before;

    /** Takes a directory that does not exist yet. The target, in it, does not exist either. */
    Outside(Path top) throws IOException {
        this.top = Files.createDirectory(top);
        target = top.resolve("target");
        Files.writeString(top.resolve("file"), "not to be changed");
        Files.writeString(Files.createDirectory(top.resolve("d0")).resolve("file3"), "nor this");
        before = around();
    }

    Path target() {
        return target;
    }

    /** Asserts that nothing beside the target was changed, and that nothing in it leads out or gives rights. */
    void assertUntouched() throws IOException {
        assertThat(around()).isEqualTo(before);
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            assertHarmless(target);
        }
    }

    private void assertHarmless(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            Path end = path.resolveSibling(Files.readSymbolicLink(path)).normalize();
            assertThat(end.startsWith(target)).as("%s points to %s", path, end).isTrue();
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        assertThat(mode & 07000).as("set-id and sticky bits of %s", path).isZero();
        if (Files.isDirectory(path)) {
            Files.setPosixFilePermissions(path, ALL_OF_OWNER); // as the disk said it may be closed even to us
            for (Path entry : entries(path)) {
                assertHarmless(entry);
            }
        } else {
            assertThat(Files.isRegularFile(path)).as("%s is a file", path).isTrue();
        }
    }

    /** All that is not the target or in it. */
    private Map<String, List<Object>> around() throws IOException {
        TreeMap<String, List<Object>> all = new TreeMap<>();
        for (Path entry : entries(top)) {
            if (!entry.equals(target)) {
                describe(entry, all);
            }
        }
        return all;
    }

    private static void describe(Path path, Map<String, List<Object>> all) throws IOException {
        Object inode = Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        Object changed = Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            all.put(path.toString(), List.of(inode, mode, changed));
            for (Path entry : entries(path)) {
                describe(entry, all);
            }
        } else {
            all.put(path.toString(), List.of(inode, mode, changed, Files.readString(path)));
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    @Override
    public void close() throws IOException {
        remove(top);
    }

    /** Removes a directory and all in it. */
    static void remove(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(path, ALL_OF_OWNER);
            for (Path entry : entries(path)) {
                remove(entry);
            }
        }
        Files.delete(path);
    }
}
