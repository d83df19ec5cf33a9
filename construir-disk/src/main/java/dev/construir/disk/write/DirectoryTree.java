package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import dev.construir.ext.Geometry;
import dev.construir.ext.Inode;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The directories of a disk that is being written, in the order in which they came. */
final class DirectoryTree {
    private final Map<Integer, DirectoryNode> byInode = new LinkedHashMap<>();

    /** Starts with an empty root. */
    DirectoryTree(Attributes attributesOfRoot) {
        add(new DirectoryNode(Inode.ROOT, null, new byte[0], attributesOfRoot));
    }

    DirectoryNode root() {
        return get(Inode.ROOT);
    }

    /** Returns the directory of an inode that is one. */
    DirectoryNode get(int inode) {
        return Objects.requireNonNull(byInode.get(inode));
    }

    /** Returns the directory of an inode, or null if it is none. */
    @Nullable
    DirectoryNode find(int inode) {
        return byInode.get(inode);
    }

    void add(DirectoryNode directory) {
        byInode.put(directory.inode, directory);
    }

    void remove(int inode) {
        byInode.remove(inode);
    }

    Collection<DirectoryNode> all() {
        return Collections.unmodifiableCollection(byInode.values());
    }

    /** Returns how many directories each group has. */
    int[] countByGroup(Geometry geometry) {
        int[] counts = new int[geometry.groups()];
        for (int inode : byInode.keySet()) {
            counts[geometry.groupOfInode(inode)]++;
        }
        return counts;
    }

    /** An entry of a directory. */
    record Found(int inode, int kind) {}

    /** Follows names from a directory on; returns null if there is no such entry. */
    @Nullable
    Found find(DirectoryNode from, List<byte[]> names) {
        Found found = new Found(from.inode, Inode.DIRECTORY);
        for (byte[] name : names) {
            if (found.kind != Inode.DIRECTORY) {
                return null;
            }
            DirectoryNode directory = get(found.inode);
            int at = directory.find(name);
            if (at < 0) {
                return null;
            }
            found = new Found(directory.inode(at), directory.kind(at));
        }
        return found;
    }
}
