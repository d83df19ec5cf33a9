package dev.construir.disk.write;

import dev.construir.disk.Attributes;
import dev.construir.disk.write.DirectoryTree.Found;
import dev.construir.disk.write.PackOptions.Duplicates;
import dev.construir.ext.DiskPath;
import dev.construir.ext.ExtendedAttribute;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** What callers build a disk by: finds the directory of each path, and hands the entry to a {@link DiskWriter}. */
final class PathDiskBuilder implements DiskBuilder {
    private final DiskWriter disk;

    PathDiskBuilder(DiskWriter disk) {
        this.disk = disk;
    }

    @Override
    public DiskBuilder directory(String path, Attributes attributes) throws IOException {
        Objects.requireNonNull(attributes, "attributes");
        List<byte[]> names = DiskPath.names(path);
        if (names.isEmpty()) {
            disk.setAttributes(disk.root(), attributes);
        } else {
            disk.addDirectory(parent(path, names), last(names), attributes);
        }
        return this;
    }

    @Override
    public DiskBuilder file(String path, Attributes attributes, long size, InputStream stream) throws IOException {
        Objects.requireNonNull(attributes, "attributes");
        Objects.requireNonNull(stream, "content");
        if (size < 0) {
            throw new IllegalArgumentException("a file cannot have " + size + " bytes");
        }
        List<byte[]> names = namesOfEntry(path);
        disk.addFile(parent(path, names), last(names), attributes, size, stream);
        return this;
    }

    @Override
    public DiskBuilder symbolicLink(String path, Attributes attributes, String target) throws IOException {
        Objects.requireNonNull(attributes, "attributes");
        List<byte[]> names = namesOfEntry(path);
        disk.addLink(parent(path, names), last(names), attributes, DiskPath.utf8(target));
        return this;
    }

    @Override
    public DiskBuilder hardLink(String path, String existing) throws IOException {
        List<byte[]> names = namesOfEntry(path);
        List<byte[]> other = DiskPath.names(existing);
        disk.addName(parent(path, names), last(names), disk.root(), existing, other, Duplicates.REFUSE);
        return this;
    }

    @Override
    public DiskBuilder extendedAttributes(String path, Map<String, byte[]> attributes) throws IOException {
        Collection<ExtendedAttribute> sorted = AttributeStore.sorted(attributes);
        Found found = disk.find(DiskPath.names(path));
        if (found == null) {
            throw DiskPath.missing(path);
        }
        disk.setExtended(path, found.inode(), sorted);
        return this;
    }

    @Override
    public DiskBuilder tree(String path, Path directory, Predicate<Path> which, PackOptions how) throws IOException {
        disk.hostTree().add(directory(path), directory, which, how);
        return this;
    }

    @Override
    public DiskBuilder tar(String path, InputStream archive, PackOptions how) throws IOException {
        Objects.requireNonNull(archive, "archive");
        new TarTree(disk, directory(path), path, how).add(archive);
        return this;
    }

    private DirectoryNode directory(String path) throws IOException {
        return disk.directory(disk.root(), path, DiskPath.names(path));
    }

    private DirectoryNode parent(String path, List<byte[]> names) throws IOException {
        return disk.parent(disk.root(), path, names);
    }

    private static List<byte[]> namesOfEntry(String path) throws IOException {
        List<byte[]> names = DiskPath.names(path);
        if (names.isEmpty()) {
            throw new FileAlreadyExistsException(path, null, "that is the root directory, which is there already");
        }
        return names;
    }

    private static byte[] last(List<byte[]> names) {
        return names.get(names.size() - 1);
    }
}
