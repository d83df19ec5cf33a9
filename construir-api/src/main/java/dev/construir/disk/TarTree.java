package dev.construir.disk;

import dev.construir.ext.ExtendedAttribute;
import dev.construir.tar.TarEntry;
import dev.construir.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Adds what a tar archive holds to a disk, as it comes. */
final class TarTree {
    /** Linux's PATH_MAX. It bounds how deep directories lie in each other, too. */
    private static final int MAX_PATH = 4096;

    private static final int BUFFER = 64 << 10;

    private final DiskWriter disk;
    private final DirectoryNode root;
    private final String rootPath;

    TarTree(DiskWriter disk, DirectoryNode root, String rootPath) {
        this.disk = disk;
        this.root = root;
        this.rootPath = rootPath;
    }

    void add(InputStream archive) throws IOException {
        TarReader tar = new TarReader(new BufferedInputStream(archive, BUFFER));
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ClosedByInterruptException();
            }
            try {
                add(entry, tar.content());
            } catch (IllegalArgumentException e) {
                // What the disk cannot have is here no mistake of a caller's.
                throw new IOException(entry.describe() + ": " + e.getMessage(), e);
            } catch (FileAlreadyExistsException e) {
                FileAlreadyExistsException twice = new FileAlreadyExistsException(
                        e.getFile(),
                        null,
                        "the archive has it a second time, at byte " + entry.offset()
                                + ", or it was there before; what is on the disk is not replaced");
                twice.initCause(e);
                throw twice;
            }
        }
    }

    private void add(TarEntry entry, InputStream content) throws IOException {
        List<byte[]> names = names(entry.path());
        Attributes attributes = new Attributes(entry.mode(), entry.uid(), entry.gid(), entry.modified());
        Collection<ExtendedAttribute> extended = AttributeStore.sorted(entry.extended());
        if (names.isEmpty()) {
            if (entry.kind() != TarEntry.Kind.DIRECTORY) {
                throw new IllegalArgumentException("it has no name");
            }
            root.setAttributes(attributes);
            setExtended(entry, root.inode, extended);
            return;
        }
        DirectoryNode parent = disk.parent(root, rootPath + " from " + entry.describe(), names);
        byte[] name = names.get(names.size() - 1);
        switch (entry.kind()) {
            case DIRECTORY -> setExtended(entry, disk.addDirectory(parent, name, attributes).inode, extended);
            case FILE -> setExtended(entry, disk.addFile(parent, name, attributes, entry.size(), content), extended);
            case SYMBOLIC_LINK ->
                setExtended(entry, disk.addLink(parent, name, attributes, bytes(entry.target())), extended);
            case HARD_LINK -> disk.addName(parent, name, root, text(entry.target()), names(entry.target()));
            case SPECIAL ->
                throw new IllegalArgumentException("it is neither a file nor a directory nor a link; leave it out");
        }
    }

    private void setExtended(TarEntry entry, int inode, Collection<ExtendedAttribute> attributes) throws IOException {
        if (!attributes.isEmpty()) {
            disk.setExtended(entry.describe(), inode, attributes);
        }
    }

    private static String text(ByteBuffer bytes) {
        return DiskPath.text(bytes(bytes));
    }

    /** Names of a path, which begins at the place the archive goes to, also if it begins with a slash; dots in it stand for nothing. */
    private static List<byte[]> names(ByteBuffer path) {
        List<byte[]> names = new ArrayList<>();
        byte[] bytes = bytes(path);
        if (bytes.length > MAX_PATH) {
            throw new IllegalArgumentException(
                    "a path of " + bytes.length + " bytes; no guest opens one of more than " + MAX_PATH);
        }
        for (int from = 0; from < bytes.length; ) {
            int end = from;
            while (end < bytes.length && bytes[end] != '/') {
                end++;
            }
            boolean dot = end == from + 1 && bytes[from] == '.';
            if (end > from && !dot) {
                byte[] name = Arrays.copyOfRange(bytes, from, end);
                String fault = DiskPath.fault(name);
                if (fault != null) {
                    throw new IllegalArgumentException(fault);
                }
                names.add(name);
            }
            from = end + 1;
        }
        return names;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
