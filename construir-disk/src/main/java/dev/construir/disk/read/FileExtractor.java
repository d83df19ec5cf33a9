package dev.construir.disk.read;

import dev.construir.host.OpenDirectory;
import dev.construir.host.Permissions;
import dev.construir.thread.InterruptPolicy;
import dev.construir.volume.ExtVolume;
import dev.construir.volume.FileContent;
import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.LongConsumer;

/** Makes single files and directories on the host. Until they are finished, no other user may read them. */
final class FileExtractor {
    private static final Set<PosixFilePermission> OWNER =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    static final FileAttribute<?> PRIVATE_DIRECTORY = PosixFilePermissions.asFileAttribute(OWNER);

    private static final int PRIVATE_FILE = 0600;
    private static final int PERMISSIONS = 0777;
    private static final int OWNER_READS = 0400;
    private static final int BUFFER = 256 << 10;
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String UMASK = "Umask:";

    private final ExtVolume volume;
    private final LongConsumer progress;
    private final byte[] buffer = new byte[BUFFER];
    private final int umask;
    private long position;

    /**
     * @param umask see {@link #umask}
     * @param progress receives how much of a file was written
     */
    FileExtractor(ExtVolume volume, int umask, LongConsumer progress) {
        this.volume = volume;
        this.umask = umask;
        this.progress = progress;
    }

    /** Returns the permissions that this process cannot give to what it makes; all, if that is not known. */
    static int umask() throws IOException {
        if (Files.isReadable(STATUS)) {
            for (String line : Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1)) {
                if (line.startsWith(UMASK)) {
                    return Integer.parseInt(line.substring(UMASK.length()).strip(), 8) & PERMISSIONS;
                }
            }
        }
        return PERMISSIONS;
    }

    /**
     * Copies a file to a place of one's own, where it must not exist. Holes stay holes. Nothing is left there of what
     * fails.
     */
    CompleteFile copy(VolumeEntry entry, Staging staging, Path part) throws IOException {
        position = 0;
        KeptRights rights = KeptRights.of(volume, entry);
        CompleteFile.Notes notes = new CompleteFile.Notes();
        boolean complete = false;
        try {
            copy(entry, rights.mode(), staging.directory(), part, new HostMetadata(notes));
            complete = true;
            return new CompleteFile(staging, part, rights, notes);
        } finally {
            if (!complete) {
                staging.discard(part);
            }
        }
    }

    private void copy(VolumeEntry entry, int mode, OpenDirectory into, Path name, HostMetadata metadata)
            throws IOException {
        // A file that may not be read cannot be opened to set its time.
        boolean atOnce = (mode & umask) == 0 && (mode & OWNER_READS) != 0;
        try (SeekableByteChannel out = into.create(name, Permissions.attribute(atOnce ? mode : PRIVATE_FILE));
                FileContent content = new FileContent(volume, entry.number(), entry.inode())) {
            copy(content, out, entry.inode().size());
        }
        metadata.finish(into, name, entry, mode, atOnce);
    }

    /** Returns how much of the last file it copied, from its beginning to its end or where it failed. */
    long copied() {
        return position;
    }

    private void copy(FileContent content, SeekableByteChannel out, long size) throws IOException {
        boolean skipped = false;
        while (position < size) {
            // Writing looks at it, too, but a file may be holes without end.
            InterruptPolicy.RESPECTED.check();
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
            progress.accept(position);
        }
        if (skipped) {
            // A hole at the end: the last byte of it makes the size.
            out.position(size - 1);
            out.write(ByteBuffer.allocate(1));
        }
    }

    /** Makes a directory that exists writable for its owner. */
    static void open(OpenDirectory directory) throws IOException {
        PosixFileAttributeView view = directory.attributes();
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        if (permissions.addAll(OWNER)) {
            view.setPermissions(permissions);
        }
    }
}
