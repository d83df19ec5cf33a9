package dev.construir.disk.edit;

import dev.construir.block.FileSource;
import dev.construir.text.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A disk in a file that is read and written. While it is open, no other program that asks for locks, as QEMU does, has
 * it.
 */
final class EditableFile implements EditableDisk {
    private final Path path;
    private final RandomAccessFile file;
    private final FileSource source; // its lock guards the file's position

    EditableFile(Path path) throws IOException {
        if (!Files.isRegularFile(path)) { // a pipe would block
            throw new NoSuchFileException(path.toString(), null, "no disk image: " + Reason.unreadable(path));
        }
        this.path = path;
        file = new RandomAccessFile(path.toFile(), "rw");
        try {
            source = new FileSource(file);
            if (!isLocked(file)) {
                throw new IOException(path
                        + " is in use by another program, a virtual machine for example (lsof or fuser tell which)");
            }
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Locks a file until it is closed. */
    private static boolean isLocked(RandomAccessFile file) throws IOException {
        try {
            return file.getChannel().tryLock() != null;
        } catch (OverlappingFileLockException e) { // by this very Java
            return false;
        }
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) throws IOException {
        source.read(offset, into, at, length);
    }

    @Override
    public void write(long offset, byte[] bytes, int at, int length) throws IOException {
        if (offset < 0 || offset > size() - length) {
            throw new IllegalArgumentException("no " + length + " bytes at byte " + offset + " of " + size());
        }
        synchronized (source) {
            file.seek(offset);
            file.write(bytes, at, length);
        }
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    /** Returns the file. */
    @Override
    public String toString() {
        return path.toString();
    }
}
