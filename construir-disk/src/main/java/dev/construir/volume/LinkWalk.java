package dev.construir.volume;

import dev.construir.disk.ReadLimits;
import dev.construir.ext.DiskPath;
import dev.construir.thread.InterruptPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Goes along a path as Linux does, symbolic links included, which never lead out of the disk. Used once. */
public final class LinkWalk {
    /** Linux: MAXSYMLINKS. */
    private static final int MAX_LINKS = 40;

    private final ExtVolume volume;
    private final ReadLimits limits;
    private final DirectoryLookupCache lastFound;
    private final DirectoryBudget budget;
    /** The names still to go. */
    private final Deque<byte[]> names = new ArrayDeque<>();
    /** The directories gone down, the root first. */
    private final Deque<VolumeEntry> above = new ArrayDeque<>();

    private int links;
    /** The last link that was followed, and its text. */
    private String link = "";

    private @Nullable VolumeEntry linkNode;

    public LinkWalk(ExtVolume volume, ReadLimits limits, DirectoryLookupCache lastFound) {
        this.volume = volume;
        this.limits = limits;
        this.lastFound = lastFound;
        this.budget = new DirectoryBudget(volume.geometry(), limits, InterruptPolicy.IGNORED);
    }

    public VolumeEntry follow(VolumeEntry root, String path) throws IOException {
        PathLimit.check(path, limits);
        prepend(DiskPath.utf8(path));
        VolumeEntry entry = root;
        while (!names.isEmpty()) {
            byte[] name = names.pop();
            if (!entry.inode().isDirectory()) {
                throw new FileSystemException(path, null, entry.path() + " is no directory" + through());
            }
            if (!isDot(name)) {
                entry = isDots(name) ? parent(entry) : target(entry, child(path, entry, name), root);
            }
        }
        return entry;
    }

    private static boolean isDot(byte[] name) {
        return name.length == 1 && name[0] == '.';
    }

    private static boolean isDots(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    private VolumeEntry parent(VolumeEntry entry) {
        return above.isEmpty() ? entry : above.pop();
    }

    private VolumeEntry child(String path, VolumeEntry directory, byte[] name) throws IOException {
        budget.again();
        DirectoryRecords records = directory.records(volume, budget);
        if (!records.find(name, lastFound.block(directory.number()))) {
            throw new NoSuchFileException(
                    path, null, DiskPath.child(directory.path(), name) + " is not on the disk" + through());
        }
        lastFound.found(directory.number(), records.index());
        VolumeEntry child = directory.child(records.name(), records.number(), records.inode());
        PathLimit.check(child.path(), limits);
        return child;
    }

    /** Returns the child, or where to go on if it is a link. */
    private VolumeEntry target(VolumeEntry directory, VolumeEntry child, VolumeEntry root) throws IOException {
        if (!child.inode().isLink()) {
            above.push(directory);
            return child;
        }
        byte[] text = child.target(volume);
        linkNode = child;
        link = DiskPath.text(text);
        if (++links > MAX_LINKS) {
            throw new FileSystemException(
                    child.path(),
                    null,
                    "leads through more than " + MAX_LINKS + " symbolic links, perhaps in a circle" + through());
        }
        prepend(text);
        if (text[0] != '/') {
            return directory;
        }
        above.clear();
        return root;
    }

    private String through() {
        return linkNode == null ? "" : "; " + linkNode.path() + " is a symbolic link to " + link;
    }

    /** Puts the names of a path before those to go; a slash at its end asks for a directory. */
    private void prepend(byte[] path) {
        Deque<byte[]> parts = new ArrayDeque<>();
        int from = 0;
        for (int to = 0; to <= path.length; to++) {
            if (to == path.length || path[to] == '/') {
                if (to > from) {
                    parts.push(Arrays.copyOfRange(path, from, to));
                }
                from = to + 1;
            }
        }
        if (path.length > 0 && path[path.length - 1] == '/') {
            parts.push(".".getBytes(StandardCharsets.US_ASCII));
        }
        parts.forEach(names::push);
    }
}
