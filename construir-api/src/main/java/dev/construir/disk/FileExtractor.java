package dev.construir.disk;

import dev.construir.ext.Inode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Makes single files and directories on the host. Until they are finished, nobody else may read them. */
final class FileExtractor {
    static final FileAttribute<?> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final FileAttribute<?> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Set<OpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final int BUFFER = 256 << 10;

    private final Volume volume;
    private final byte[] buffer = new byte[BUFFER];

    FileExtractor(Volume volume) {
        this.volume = volume;
    }

    /** Copies a file to a path that must not exist. Holes stay holes. */
    void copy(Node node, Path path) throws IOException {
        boolean complete = false;
        SeekableByteChannel out = Files.newByteChannel(path, NEW, PRIVATE_FILE);
        try (out;
                FileContent content = new FileContent(volume, node.number(), node.inode())) {
            copy(content, out, node.inode().size());
            complete = true;
        } finally {
            if (!complete) {
                Files.deleteIfExists(path);
            }
        }
        finish(path, node.inode());
    }

    private void copy(FileContent content, SeekableByteChannel out, long size) throws IOException {
        long position = 0;
        boolean skipped = false;
        while (position < size) {
            // Writing looks at it, too, but a file may be holes without end.
            Interrupts.HEEDED.check();
            long hole = content.hole();
            if (hole > 0) {
                position += content.skip(hole);
                skipped = true;
                continue;
            }
            int count = content.read(buffer, 0, buffer.length);
            if (count < 0) {
                break;
            }
            if (skipped) {
                out.position(position);
                skipped = false;
            }
            ByteBuffer data = ByteBuffer.wrap(buffer, 0, count);
            while (data.hasRemaining()) {
                out.write(data);
            }
            position += count;
        }
        if (skipped) {
            // A hole at the end: the last byte of it makes the size.
            out.position(size - 1);
            out.write(ByteBuffer.allocate(1));
        }
    }

    /** Makes a directory that exists writable for its owner. */
    void open(Path directory) throws IOException {
        PosixFileAttributeView view = view(directory);
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        if (permissions.addAll(EnumSet.of(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE))) {
            view.setPermissions(permissions);
        }
    }

    /** Sets mode and time of what is complete. */
    void finish(Path path, Inode inode) throws IOException {
        // It was made here, or found to be a directory, so this view may follow links, which takes fewer calls.
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        // The time first: a file nobody may read cannot be opened to set it.
        view.setTimes(FileTime.from(inode.modified()), null, null);
        view.setPermissions(permissions(inode.mode()));
    }

    private static PosixFileAttributeView view(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        PosixFilePermission[] all = PosixFilePermission.values();
        EnumSet<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        // The constants are declared from the owner's read bit down, as in the mode.
        for (int i = 0; i < all.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                set.add(all[i]);
            }
        }
        return set;
    }
}
